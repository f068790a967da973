//! Numbers of a run: how long things took, and what they cost the server.

use std::fmt;
use std::time::Duration;

/// How long many of the same thing took.
#[derive(Default)]
pub struct Spread(Vec<u64>);

impl Spread {
    pub fn add(&mut self, took: Duration) {
        self.0.push(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }

    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The time within which this share of them was done.
    pub fn percentile(&mut self, percent: f64) -> Duration {
        if self.0.is_empty() {
            return Duration::ZERO;
        }
        let rank = (percent / 100.0 * self.0.len() as f64).ceil() as usize;
        let place = rank.clamp(1, self.0.len()) - 1;
        let (_, value, _) = self.0.select_nth_unstable(place);
        Duration::from_nanos(*value)
    }

    pub fn line(&mut self) -> String {
        let ms = |spread: &mut Self, percent| spread.percentile(percent).as_secs_f64() * 1e3;
        let [p50, p90, p99, p999, max] = [50.0, 90.0, 99.0, 99.9, 100.0].map(|percent| ms(self, percent));
        format!("p50 {p50:.2}  p90 {p90:.2}  p99 {p99:.2}  p99.9 {p999:.2}  max {max:.2} ms")
    }
}

/// What went wrong with frames at sockets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    pub errors: u64,
    pub lost: u64,
    pub doubled: u64,
    pub out_of_order: u64,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { errors, lost, doubled, out_of_order } = self;
        write!(f, "{errors} errors, {lost} lost, {doubled} doubled, {out_of_order} out of order")
    }
}

/// The middle one of an odd number of values.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
