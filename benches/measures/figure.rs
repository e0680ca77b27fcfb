//! What a measure gives: a figure with the baseline of the same run, as a line.

use serde_json::json;

/// A figure.
pub struct Figure {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    /// What the figure is held against, in the same unit and of the same run.
    pub baseline: f64,
    /// How many things were measured.
    pub n: usize,
}

impl Figure {
    /// Prints it, with its ratio.
    pub fn tell(self) {
        let ratio = self.value / self.baseline;
        self.tell_with(ratio);
    }

    /// The same for a share of `n` in percent, which may well be nothing: a ratio is made with one of the `n`
    /// more on both sides.
    pub fn tell_share(self) {
        let one = 100.0 / self.n.max(1) as f64;
        let ratio = (self.value + one) / (self.baseline + one);
        self.tell_with(ratio);
    }

    fn tell_with(self, ratio: f64) {
        let line = json!({
            "name": self.name,
            "value": rounded(self.value),
            "unit": self.unit,
            "baseline": rounded(self.baseline),
            "ratio": rounded(ratio),
            "n": self.n,
        });
        println!("{line}");
    }
}

/// Says that a measure has no figure, and why.
pub fn failed(name: &str, error: &anyhow::Error) {
    println!("{}", json!({ "name": name, "failed": format!("{error:#}") }));
}

/// A point of the plot: what a thing costs at a size.
pub fn point(name: &str, size: u32, value: f64, unit: &str) {
    println!(
        "{}",
        json!({ "point": name, "size": size, "value": rounded(value), "unit": unit })
    );
}

/// To three decimals, which is more than any of these measures knows.
fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

/// The value below which so many percent lie.
pub fn percentile(values: &[f64], percent: usize) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let place = (sorted.len() * percent).div_ceil(100).max(1) - 1;
    sorted.get(place).copied().unwrap_or(f64::NAN)
}

/// The middle one.
pub fn median(values: &[f64]) -> f64 {
    percentile(values, 50)
}
