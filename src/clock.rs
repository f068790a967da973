//! Points in time, and the one place they come from.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A point in time: Unix microseconds, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with any offset from UTC.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|time| Self(time.as_microsecond()))
    }

    /// This time moved later by `by`, staying at the end of time rather than wrapping.
    #[must_use]
    pub fn after(self, by: Duration) -> Self {
        let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
        Self(self.0.saturating_add(micros))
    }

    /// How long ago `earlier` was; zero when it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// RFC 3339 with six decimals and `Z`, the fraction left out when it is exactly zero: the form the API shows.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = jiff::Timestamp::from_microsecond(self.0).map_err(|_| fmt::Error)?;
        if self.0 % 1_000_000 == 0 { write!(f, "{time:.0}") } else { write!(f, "{time:.6}") }
    }
}

/// Where "now" comes from: the system's clock, or a test's own.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Self {
        Self::new(|| {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(i64::try_from(now.as_micros()).unwrap_or(i64::MAX))
        })
    }

    pub fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_show_six_decimals_or_none() {
        let shown = |micros| Timestamp::from_micros(micros).to_string();
        assert_eq!(shown(1_767_323_045_000_000), "2026-01-02T03:04:05Z");
        assert_eq!(shown(1_767_323_045_000_700), "2026-01-02T03:04:05.000700Z");
        assert_eq!(shown(0), "1970-01-01T00:00:00Z");
    }

    #[test]
    fn timestamps_are_read_in_any_offset() {
        let read = |text| Timestamp::parse(text).map(Timestamp::as_micros);
        assert_eq!(read("2026-01-02T03:04:05.0007Z"), Some(1_767_323_045_000_700));
        assert_eq!(read("2026-01-02T05:04:05+02:00"), Some(1_767_323_045_000_000));
        for wrong in ["", "tomorrow", "2026-01-02", "2026-01-02T03:04:05", "12026-01-02T03:04:05Z"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
