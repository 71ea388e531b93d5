#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| jackfield_ldap::fuzzing::import(octets));
