//! Under which names a service account or phone sees the directory.

use clap::Args;
use jackfield_model::{View, ViewSet};

/// What takes the place of the tenant's views.
#[derive(Debug, Args)]
pub(crate) struct Views {
    /// The names under which it sees records, in place of the tenant's `views`; `none` for those of
    /// the standards only; several may be given
    #[arg(long, value_delimiter = ',', value_parser = [
        "none", "posix", "active_directory", "asterisk", "h350", "freeswitch", "grandstream",
    ])]
    views: Vec<String>,
}

impl Views {
    /// The set; `None` if nothing was said.
    pub(crate) fn set(&self) -> Option<ViewSet> {
        let named = self.views.iter().filter_map(|name| View::from_name(name));
        (!self.views.is_empty()).then(|| named.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_can_be_said() {
        let said = |names: &[&str]| {
            let views = names.iter().map(|name| (*name).to_owned()).collect();
            Views { views }.set()
        };
        assert_eq!(said(&[]), None);
        assert_eq!(said(&["none"]), Some(ViewSet::NONE));
        let parser = <Views as Args>::augment_args(clap::Command::new("set"));
        for view in View::ALL {
            assert_eq!(said(&[view.name()]), Some(ViewSet::of(&[view])));
            let arguments = ["set", "--views", view.name()];
            parser.clone().try_get_matches_from(arguments).unwrap();
        }
    }
}
