//! Rate limits on login attempts, sign-ups and profile changes. Of logins only failures count, so that many logins
//! with the right password never wait. A lock is never permanent, so that nobody can lock out others for good.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::model::{UserId, Username, fold_name};

/// Failures of one address with one account: ten at once, then one a minute.
const PER_PAIR: Allowance = Allowance { burst: 10, refill: Duration::from_secs(60) };

/// Failures with one account from anywhere: a guesser with many addresses is slowed, the owner's own failures are in
/// `PER_PAIR`.
const PER_ACCOUNT: Allowance = Allowance { burst: 100, refill: Duration::from_secs(10) };

/// Failures of one address with any account.
const PER_ADDRESS: Allowance = Allowance { burst: 50, refill: Duration::from_secs(20) };

/// Accounts made by one address.
const SIGN_UPS: Allowance = Allowance { burst: 50, refill: Duration::from_secs(60) };

/// Changes of one's own profile: each may be sent to everyone one has written with.
const PROFILE_CHANGES: Allowance = Allowance { burst: 60, refill: Duration::from_secs(10) };

/// Counters of each kind; above this the emptiest half is dropped.
const KEPT: usize = 50_000;

/// Wait this long before the next attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

/// Counts attempts by who makes them.
#[derive(Default)]
pub struct Throttle {
    pairs: Counters<(Source, String)>,
    accounts: Counters<String>,
    addresses: Counters<Source>,
    sign_ups: Counters<Source>,
    profiles: Counters<UserId>,
}

impl Throttle {
    /// Whether this address may try this account's password now. `account` is the name as typed.
    pub fn may_log_in(&self, address: IpAddr, account: &str, now: Timestamp) -> Result<(), Wait> {
        let account = account_of(account);
        if let Some(source) = Source::of(address) {
            self.addresses.check(&source, PER_ADDRESS, now)?;
        }
        let pair = (Source::of(address).unwrap_or_default(), account.clone());
        self.pairs.check(&pair, PER_PAIR, now)?;
        self.accounts.check(&account, PER_ACCOUNT, now)
    }

    /// Counts a wrong password.
    pub fn failed(&self, address: IpAddr, account: &str, now: Timestamp) {
        let account = account_of(account);
        if let Some(source) = Source::of(address) {
            self.addresses.count(source, PER_ADDRESS, now);
        }
        self.pairs.count((Source::of(address).unwrap_or_default(), account.clone()), PER_PAIR, now);
        self.accounts.count(account, PER_ACCOUNT, now);
    }

    /// Whether this address may make another account now; if so it is counted.
    pub fn may_sign_up(&self, address: IpAddr, now: Timestamp) -> Result<(), Wait> {
        let Some(source) = Source::of(address) else { return Ok(()) };
        self.sign_ups.check(&source, SIGN_UPS, now)?;
        self.sign_ups.count(source, SIGN_UPS, now);
        Ok(())
    }

    /// Whether this person may change their profile again now; if so it is counted.
    pub fn may_change_profile(&self, user: UserId, now: Timestamp) -> Result<(), Wait> {
        self.profiles.check(&user, PROFILE_CHANGES, now)?;
        self.profiles.count(user, PROFILE_CHANGES, now);
        Ok(())
    }
}

/// Where attempts come from: an IPv4 address, or the /64 network one IPv6 subscriber has.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Source(u64);

impl Source {
    /// Nothing for a loopback address: that is the operator, or a proxy that is not configured, and a limit on it would
    /// lock out everyone at once.
    fn of(address: IpAddr) -> Option<Self> {
        let v6 = match address.to_canonical() {
            address if address.is_loopback() => return None,
            IpAddr::V4(v4) => return Some(Self(u64::from(u32::from(v4)))),
            IpAddr::V6(v6) => v6,
        };
        let [network, _] = split(v6);
        Some(Self(network))
    }
}

fn split(v6: Ipv6Addr) -> [u64; 2] {
    let bits = u128::from(v6);
    [(bits >> 64) as u64, bits as u64]
}

/// The account that is meant, in any case and Unicode form of its name; of a huge name only the beginning, to save
/// memory.
fn account_of(typed: &str) -> String {
    fold_name(&typed.trim().chars().take(Username::MAX_CHARS).collect::<String>())
}

/// So many at once, then one for each span of `refill`.
#[derive(Clone, Copy)]
struct Allowance {
    burst: u32,
    refill: Duration,
}

/// For each key the time at which its allowance is full again (a leaky bucket kept as one number).
struct Counters<K>(Mutex<HashMap<K, Timestamp>>);

impl<K> Default for Counters<K> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Hash + Eq + Clone> Counters<K> {
    fn check(&self, key: &K, allowance: Allowance, now: Timestamp) -> Result<(), Wait> {
        let counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let used = counters.get(key).map_or(Duration::ZERO, |free_at| free_at.since(now));
        let most = allowance.refill * (allowance.burst - 1);
        if used > most { Err(Wait(used - most)) } else { Ok(()) }
    }

    fn count(&self, key: K, allowance: Allowance, now: Timestamp) {
        let mut counters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counters.len() >= KEPT && !counters.contains_key(&key) {
            counters.retain(|_, free_at| *free_at > now);
            if counters.len() >= KEPT {
                drop_emptiest(&mut counters);
            }
        }
        let free_at = counters.entry(key).or_insert(now);
        *free_at = (*free_at).max(now).after(allowance.refill);
    }
}

/// Drops the half of the counters that are nearest to empty.
fn drop_emptiest<K: Hash + Eq + Clone>(counters: &mut HashMap<K, Timestamp>) {
    let mut times: Vec<_> = counters.values().copied().collect();
    let middle = times.len() / 2;
    let (_, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    counters.retain(|_, free_at| *free_at > median);
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_micros(1_000_000_000);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_guesser_waits_and_the_owner_elsewhere_does_not() {
        let throttle = Throttle::default();
        let (guesser, owner) = (address("203.0.113.7"), address("198.51.100.9"));
        for _ in 0..10 {
            assert_eq!(throttle.may_log_in(guesser, "al", START), Ok(()));
            throttle.failed(guesser, "al", START);
        }
        assert_eq!(throttle.may_log_in(guesser, "al", START), Err(Wait(Duration::from_secs(60))));
        for spelling in [" al", "AL ", "\u{ff41}l"] {
            assert!(throttle.may_log_in(guesser, spelling, START).is_err(), "{spelling:?}");
        }
        assert_eq!(throttle.may_log_in(owner, "al", START), Ok(()));
        assert_eq!(throttle.may_log_in(guesser, "bo", START), Ok(()));
        let later = START.after(Duration::from_secs(60));
        assert_eq!(throttle.may_log_in(guesser, "al", later), Ok(()));
        throttle.failed(guesser, "al", later);
        assert!(throttle.may_log_in(guesser, "al", later).is_err());
    }

    #[test]
    fn many_accounts_or_addresses_do_not_bypass_the_limits() {
        let throttle = Throttle::default();
        for n in 0..50 {
            throttle.failed(address("2001:db8::1"), &format!("user{n}"), START);
        }
        assert!(throttle.may_log_in(address("2001:db8::ffff"), "another", START).is_err());
        for n in 0..100 {
            throttle.failed(address(&format!("203.0.113.{n}")), "al", START);
        }
        assert!(throttle.may_log_in(address("198.51.100.9"), "al", START).is_err());
    }

    #[test]
    fn loopback_is_limited_by_account_only() {
        let throttle = Throttle::default();
        for n in 0..500 {
            throttle.failed(address("127.0.0.1"), &format!("user{n}"), START);
            assert_eq!(throttle.may_sign_up(address("::1"), START), Ok(()));
        }
        assert_eq!(throttle.may_log_in(address("127.0.0.1"), "another", START), Ok(()));
        (0..10).for_each(|_| throttle.failed(address("127.0.0.1"), "al", START));
        assert!(throttle.may_log_in(address("127.0.0.1"), "al", START).is_err());
    }

    #[test]
    fn memory_is_bounded() {
        let counters = Counters::default();
        for n in 0..KEPT + 10 {
            counters.count(n, PER_PAIR, START);
        }
        assert!(counters.0.lock().unwrap().len() <= KEPT);
    }
}
