//! The whole matrix of each shipped catalogue, as committed under `tests/golden`.

use std::path::Path;

use jackfield_access::matrix;

use crate::table::{OPBX, PBX_IM, PBX_STATS, TENANT, catalogue};

/// Where a matrix has changed on purpose, take over the new one that the message names.
#[test]
fn the_matrix_of_each_catalogue_is_as_committed() {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut changed = Vec::new();
    for text in [OPBX, PBX_STATS, PBX_IM, TENANT] {
        let catalogue = catalogue(text);
        let (committed, now) = (
            golden.join(format!("{}.txt", catalogue.key)),
            matrix(&catalogue),
        );
        if std::fs::read_to_string(&committed).ok().as_deref() != Some(now.as_str()) {
            let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.txt", catalogue.key));
            std::fs::write(&new, now).unwrap();
            changed.push(format!("cp {} {}", new.display(), committed.display()));
        }
    }
    assert!(
        changed.is_empty(),
        "the matrix has changed:\n{}",
        changed.join("\n")
    );
}
