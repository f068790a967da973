//! Passwords: hashed with Argon2id, off the async threads, a few at a time. Hashes of the Django application verify
//! too.

use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Hashes at the same time: 38 MiB, which a 512 MiB machine can spare.
const AT_ONCE: usize = 2;

/// How long a request waits for its turn before it is refused as busy.
const MAX_WAIT: Duration = Duration::from_secs(10);

/// A hash of our parameters with random bytes for salt and output: verified when there is no such account, so that the
/// answer takes as long.
const DECOY: &str = "$argon2id$v=19$m=19456,t=2,p=1$NMNRPVNdi/+4CKGtilBVpg$QZydoKxXsLgkNdkkfbh9jsTuy7J+gAo296lxI9llTUg";

/// More PBKDF2 rounds than Django has ever used; a hash that asks for more is rejected.
const MAX_ROUNDS: u32 = 2_000_000;

/// The rules for a new password (OWASP ASVS 5.0, 6.2): a length, no composition, nothing trimmed or cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    #[error("Enter a password.")]
    Blank,
    #[error("A password needs at least {} characters.", MIN_CHARS)]
    TooShort,
    #[error("A password has at most {} characters.", MAX_CHARS)]
    TooLong,
    #[error("The password must not be the user name.")]
    SameAsName,
}

const MIN_CHARS: usize = 8;
const MAX_CHARS: usize = 256;

/// Checks a password someone chose for an account called `username`.
pub fn check_choice(password: &str, username: &str) -> Result<(), PasswordError> {
    match password.chars().count() {
        0 => Err(PasswordError::Blank),
        1..MIN_CHARS => Err(PasswordError::TooShort),
        MIN_CHARS..=MAX_CHARS if password.to_lowercase() == username.to_lowercase() => Err(PasswordError::SameAsName),
        MIN_CHARS..=MAX_CHARS => Ok(()),
        _ => Err(PasswordError::TooLong),
    }
}

/// Too many are waiting for a hash; the same request may succeed later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

/// What checking a password showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Wrong,
    Right,
    /// Right, and the stored hash is of an older kind that should be replaced now that the password is known.
    RightButOld,
}

/// Hashes and verifies passwords, a bounded number at once.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

impl Passwords {
    pub fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The PHC string to store for a new password.
    pub async fn hash(&self, password: String) -> Result<String, Busy> {
        self.in_turn(move || hash(&password)).await
    }

    /// Compares a password with a stored hash. Without one it takes the same time and is wrong.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Verdict, Busy> {
        self.in_turn(move || match stored {
            // No stored password is longer; hashing a huge one would only cost.
            _ if password.len() > MAX_CHARS * 4 => Verdict::Wrong,
            Some(stored) => verify(&password, &stored),
            None => {
                verify(&password, DECOY);
                Verdict::Wrong
            }
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Busy> {
        let turn = tokio::time::timeout(MAX_WAIT, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else { return Err(Busy) };
        let done = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.map_err(|_| Busy)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("the parameters are within Argon2's limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash(password: &str) -> String {
    hasher().hash_password(password.as_bytes()).expect("the system has a random source").to_string()
}

fn verify(password: &str, stored: &str) -> Verdict {
    match verify_django(password, stored) {
        Some(true) => Verdict::RightButOld,
        // The parameters are those of the stored hash.
        None if hasher().verify_password(password.as_bytes(), stored).is_ok() => Verdict::Right,
        _ => Verdict::Wrong,
    }
}

/// Django's own notation: `pbkdf2_sha256$rounds$salt$base64`. `None` when the hash is of another kind.
fn verify_django(password: &str, stored: &str) -> Option<bool> {
    let mut parts = stored.strip_prefix("pbkdf2_sha256$")?.splitn(3, '$');
    let rounds: u32 = parts.next()?.parse().ok()?;
    let salt = parts.next()?;
    let expected = STANDARD.decode(parts.next()?).ok()?;
    if !(1..=MAX_ROUNDS).contains(&rounds) {
        return Some(false);
    }
    let found: [u8; 32] = pbkdf2::pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), salt.as_bytes(), rounds);
    Some(found.ct_eq(&expected).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `make_password("correct horse", salt="seasalt")` of Django with 1,000 rounds, recomputed with Python's hashlib.
    const DJANGO: &str = "pbkdf2_sha256$1000$seasalt$mQnueSakb748zqBAC1tmWVZsZbi2zPGZarEzTGdfmso=";

    #[tokio::test]
    async fn a_hash_has_owasps_parameters_and_verifies() {
        let passwords = Passwords::new();
        let stored = passwords.hash("correct horse 🐴".into()).await.unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        let others = Argon2::default().verify_password(b"correct horse \xf0\x9f\x90\xb4", stored.as_str());
        assert!(others.is_ok(), "another reader of the notation agrees");
        let verify = |password: &str| passwords.verify(password.into(), Some(stored.clone()));
        assert_eq!(verify("correct horse 🐴").await, Ok(Verdict::Right));
        assert_eq!(verify("correct horse 🐴 ").await, Ok(Verdict::Wrong));
        assert_eq!(verify("").await, Ok(Verdict::Wrong));
        assert_eq!(passwords.verify("no such account".into(), None).await, Ok(Verdict::Wrong));
    }

    #[test]
    fn a_missing_account_takes_the_work_of_an_existing_one() {
        let ours = hash("correct horse");
        let parameters = |phc: &str| phc.split('$').take(4).collect::<Vec<_>>().join("$");
        assert_eq!(parameters(DECOY), parameters(&ours));
        assert_eq!(DECOY.len(), ours.len());
        let verified = hasher().verify_password(b"no such account", DECOY);
        assert_eq!(verified, Err(argon2::password_hash::Error::PasswordInvalid), "it is hashed, and then compared");
    }

    #[test]
    fn djangos_hashes_verify_and_are_called_old() {
        assert_eq!(verify("correct horse", DJANGO), Verdict::RightButOld);
        assert_eq!(verify("wrong horse", DJANGO), Verdict::Wrong);
        for broken in
            ["pbkdf2_sha256$", "pbkdf2_sha256$0$s$AAAA", "pbkdf2_sha256$4000000000$s$AAAA", "", "!", "md5$x$y"]
        {
            assert_eq!(verify("correct horse", broken), Verdict::Wrong, "{broken}");
        }
    }

    #[test]
    fn a_chosen_password_has_a_length_and_is_not_the_name() {
        assert_eq!(check_choice("", "al"), Err(PasswordError::Blank));
        assert_eq!(check_choice("1234567", "al"), Err(PasswordError::TooShort));
        assert_eq!(check_choice("       x", "al"), Ok(()));
        assert_eq!(check_choice(&"🐴".repeat(256), "al"), Ok(()));
        assert_eq!(check_choice(&"x".repeat(257), "al"), Err(PasswordError::TooLong));
        assert_eq!(check_choice("Margarethe", "margarethe"), Err(PasswordError::SameAsName));
    }
}
