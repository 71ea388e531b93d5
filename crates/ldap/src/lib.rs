//! ldap

pub mod wire;
