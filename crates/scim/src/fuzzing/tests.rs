use std::fs;
use std::path::Path;

/// Everything in the corpus of a target.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/corpus");
    let read = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        (path.display().to_string(), fs::read(path).unwrap())
    };
    let found: Vec<_> = fs::read_dir(folder.join(target))
        .unwrap()
        .map(read)
        .collect();
    assert!(!found.is_empty(), "{target}");
    found
}

fn texts(target: &str, check: fn(&str)) {
    for (name, octets) in corpus(target) {
        println!("{name}");
        check(str::from_utf8(&octets).unwrap());
    }
}

fn bodies(target: &str, check: fn(&[u8])) {
    for (name, octets) in corpus(target) {
        println!("{name}");
        check(&octets);
    }
}

#[test]
fn what_must_hold_for_any_filter_holds_for_the_corpus() {
    texts("scim_filter", super::filter);
}

#[test]
fn what_must_hold_for_any_path_holds_for_the_corpus() {
    texts("scim_path", super::path);
}

#[test]
fn what_must_hold_for_any_list_of_attributes_holds_for_the_corpus() {
    texts("scim_attributes", super::attributes);
}

#[test]
fn what_must_hold_for_any_patch_holds_for_the_corpus() {
    bodies("scim_patch", super::patch);
}

#[test]
fn what_must_hold_for_any_resource_holds_for_the_corpus() {
    bodies("scim_resource", super::resource);
}
#[test]
fn what_must_hold_for_any_bulk_holds_for_the_corpus() {
    bodies("scim_bulk", super::bulk);
}

#[test]
fn what_must_hold_for_any_cursor_holds_for_the_corpus() {
    bodies("scim_cursor", super::cursor);
}
