#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| jackfield_ldap::fuzzing::name(text));
