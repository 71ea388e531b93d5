#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| jackfield_scim::fuzzing::bulk(octets));
