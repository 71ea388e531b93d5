//! What each vendor's phones and telephone systems say over LDAP: `tests/fixtures/ldap`.
//!
//! With `JACKFIELD_TEST_RECORD` set, the answers are written into the files instead of compared.

use std::fs;

use jackfield_tests::dialogue;
use jackfield_tests::home::shipped;

/// Holds every dialogue of a vendor.
fn hold(vendor: &str) {
    let folder = shipped("tests/fixtures/ldap").join(vendor);
    let mut files: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let was = fs::read_to_string(&path).unwrap();
        let is =
            dialogue::hold(&path).unwrap_or_else(|error| panic!("{}: {error:#}", path.display()));
        if std::env::var_os("JACKFIELD_TEST_RECORD").is_some() {
            fs::write(&path, is).unwrap();
        } else {
            assert_eq!(was, is, "{}", path.display());
        }
    }
}

macro_rules! vendors {
    ($($vendor:ident)*) => {
        $(#[test]
        fn $vendor() {
            hold(stringify!($vendor));
        })*

        #[test]
        fn every_vendor_with_a_folder_is_heard() {
            let entries = fs::read_dir(shipped("tests/fixtures/ldap")).unwrap();
            let entries = entries.map(|entry| entry.unwrap());
            let folders = entries.filter(|entry| entry.file_type().unwrap().is_dir());
            let names = folders.map(|entry| entry.file_name().into_string().unwrap());
            let mut names: Vec<String> = names.collect();
            names.sort();
            assert_eq!(names, [$(stringify!($vendor)),*]);
        }
    };
}

vendors! {
    akuvox
    asterisk
    audiocodes
    avaya
    cisco
    fanvil
    freepbx
    freeswitch
    fusionpbx
    gigaset
    grandstream
    innovaphone
    kamailio
    mitel
    poly
    sangoma
    snom
    yealink
}
