//! Parameters by name: those of a query, or the fields of a plain form.

/// Parameters or fields by name, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn parse(query: &str) -> Self {
        Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect())
    }

    /// The value of a parameter; the last one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// These parameters with some replaced, sorted by name, for a link.
    pub fn with(&self, changes: &[(&str, Option<String>)]) -> String {
        let kept = self.0.iter().filter(|(key, _)| !changes.iter().any(|(name, _)| key == name));
        let mut pairs: Vec<(&str, &str)> = kept.map(|(key, value)| (key.as_str(), value.as_str())).collect();
        pairs.extend(changes.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?))));
        pairs.sort_by_key(|(name, _)| *name);
        form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

impl FromIterator<(String, String)> for Query {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_keep_other_parameters_sorted() {
        let query = Query::parse("target=b%20o&page=2&foo=&target=c");
        assert_eq!(query.get("target"), Some("c"));
        assert_eq!(query.with(&[("page", Some("3".into()))]), "foo=&page=3&target=b+o&target=c");
        assert_eq!(query.with(&[("page", None)]), "foo=&target=b+o&target=c");
    }
}
