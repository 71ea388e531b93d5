//! Under which names a service account or phone sees the directory.

use anyhow::{Result, bail};
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
    ///
    /// # Errors
    /// That there is a view beside none.
    pub(crate) fn set(&self) -> Result<Option<ViewSet>> {
        if self.views.len() > 1 && self.views.iter().any(|name| name == "none") {
            bail!("--views: `none` stands alone");
        }
        let named = self.views.iter().filter_map(|name| View::from_name(name));
        Ok((!self.views.is_empty()).then(|| named.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_view_can_be_said() {
        let said = |names: &[&str]| {
            let views = names.iter().map(|name| (*name).to_owned()).collect();
            Views { views }.set().ok()
        };
        assert_eq!(said(&[]), Some(None));
        assert_eq!(said(&["none"]), Some(Some(ViewSet::NONE)));
        assert_eq!(said(&["posix", "none"]), None);
        let parser = <Views as Args>::augment_args(clap::Command::new("set"));
        for view in View::ALL {
            assert_eq!(said(&[view.name()]), Some(Some(ViewSet::of(&[view]))));
            let arguments = ["set", "--views", view.name()];
            parser.clone().try_get_matches_from(arguments).unwrap();
        }
    }
}
