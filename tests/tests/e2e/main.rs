//! The real binary, met by real clients. The store is what `JACKFIELD_TEST_STORE` says; `tests/run`
//! runs everything once on SQLite and once on PostgreSQL.

mod administering;
mod api;
mod attributes;
mod clients;
mod commands;
mod configuration;
mod conversations;
mod crowds;
mod dialogues;
mod differential;
mod durability;
mod faces;
mod first_start;
mod guides;
mod hostile_http;
mod hostile_ldap;
mod import;
mod libraries;
mod metrics;
mod nodes;
mod okta;
mod owners;
mod provisioning;
mod roles;
mod scim2;
mod scim_log;
mod sip;
mod tls;
mod tools;
mod views;
