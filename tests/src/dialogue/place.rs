//! Texts that are different in every run.

/// Places with what stands in them: `{base}`, `{phone}`, `{id.1}`.
#[derive(Debug)]
pub struct Places(Vec<(String, String)>);

impl Places {
    /// With the tenant's suffix.
    pub fn new(base: &str) -> Self {
        let places = [("{base}", base), ("{root}", "")];
        Self(
            places
                .map(|(place, text)| (place.to_owned(), text.to_owned()))
                .into(),
        )
    }

    /// One more; the longer texts are looked for first.
    pub fn put(&mut self, name: &str, text: &str) {
        self.0.insert(0, (format!("{{{name}}}"), text.to_owned()));
    }

    /// The text with what stands in its places.
    pub fn fill(&self, text: &str) -> String {
        let each = self.0.iter();
        each.fold(text.to_owned(), |text, (place, value)| {
            text.replace(place, value)
        })
    }

    /// The text with places for what will be different. UUIDs are numbered as they come.
    pub fn generalise(&mut self, text: &str) -> String {
        for word in text.split(|c: char| !c.is_ascii_hexdigit() && c != '-') {
            let is_id = word.len() == 36 && word.matches('-').count() == 4;
            if is_id && !self.0.iter().any(|(_, value)| value == word) {
                let ids = self.0.iter().filter(|(place, _)| place.starts_with("{id."));
                let number = ids.count() + 1;
                self.put(&format!("id.{number}"), word);
            }
        }
        let each = self.0.iter();
        let each = each.filter(|(_, value)| !value.is_empty());
        each.fold(text.to_owned(), |text, (place, value)| {
            text.replace(value, place)
        })
    }
}
