//! E-mail addresses. The check finds typing errors; only a mail that arrives proves an address.

/// An address that looks like one, at most 254 bytes (RFC 5321, with erratum 1690).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    #[error("Enter an e-mail address.")]
    Blank,
    #[error("Enter a valid e-mail address, such as name@example.org.")]
    Invalid,
}

impl Email {
    const MAX_BYTES: usize = 254;

    pub fn parse(typed: &str) -> Result<Self, EmailError> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err(EmailError::Blank);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(EmailError::Invalid)?;
        let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\"\\@".contains(c);
        let labels_fit = domain.split('.').all(|label| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
        let valid = typed.len() <= Self::MAX_BYTES
            && !local.is_empty()
            && local.chars().all(plain)
            && domain.contains('.')
            && labels_fit;
        if valid { Ok(Self(typed.to_owned())) } else { Err(EmailError::Invalid) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that must be unique: equal in any case.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_distinguished_from_other_text() {
        for good in ["a@b.test", "first.last+tag@sub.example.org", "ü@exämple.de", " padded@e.test "] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in ["a", "a@", "@b.test", "a@b", "a b@c.test", "a@b..test", "a@-b.test", "a\r\n@b.test", "a@@b.test"] {
            assert_eq!(Email::parse(bad), Err(EmailError::Invalid), "{bad}");
        }
        assert_eq!(Email::parse(" "), Err(EmailError::Blank));
        assert_eq!(Email::parse(&format!("{}@b.test", "a".repeat(250))), Err(EmailError::Invalid));
    }
}
