//! The report: a table on the terminal, and the generated parts of `docs/performance.md`. The text around
//! them is written by hand. Must never call a target met that has no figure.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Context, Result};

use super::figures::{Figure, Run};
use super::targets::{TARGETS, Target};
use super::{machine, plot};
use crate::sh;

/// The table for the terminal.
pub fn summary(run: &Run) -> String {
    let mut text = String::new();
    for target in &TARGETS {
        let (value, met) = match run.figures.iter().find(|figure| figure.name == target.name) {
            Some(figure) => (amount(figure.value, &figure.unit), verdict(target, figure)),
            None if run.failures.iter().any(|(name, _)| name == target.name) => (String::new(), "NO FIGURE"),
            None => continue,
        };
        let _ = writeln!(
            text,
            "{:20} {value:>12}  {met:9}  {}",
            target.name,
            limits(target)
        );
    }
    for (name, why) in &run.failures {
        let _ = writeln!(text, "{name}: {why}");
    }
    text
}

/// Writes this run into `docs/performance.md` and its plot.
///
/// # Errors
/// A file can't be read or written, or the page lacks a marker.
pub fn write(run: &Run) -> Result<()> {
    let file = sh::root().join("docs/performance.md");
    let page = fs::read_to_string(&file).context("docs/performance.md can't be read")?;
    let page = put(&page, "machine", &format!("{}.\n", machine::describe()))?;
    let page = put(&page, "figures", &table(run))?;
    let page = put(&page, "sizes", &sizes(run))?;
    fs::write(&file, page).context("docs/performance.md can't be written")?;
    let plot = plot::draw(&run.points);
    fs::write(sh::root().join("docs/performance.svg"), plot).context("the plot can't be written")
}

/// Replaces the text between `<!-- NAME -->` and `<!-- /NAME -->`.
fn put(page: &str, name: &str, text: &str) -> Result<String> {
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let from = page.find(&begin).map(|place| place + begin.len());
    let from = from.with_context(|| format!("docs/performance.md has no place for the {name}"))?;
    let to = page[from..].find(&end).map(|place| from + place);
    let to = to.with_context(|| format!("the place for the {name} has no end"))?;
    Ok(format!("{}{text}{}", &page[..from], &page[to..]))
}

fn table(run: &Run) -> String {
    let mut text = "| name | what | value | baseline | ratio | n | target | met |\n\
                    | --- | --- | ---: | ---: | ---: | ---: | --- | --- |\n"
        .to_owned();
    for target in &TARGETS {
        let row = match run.figures.iter().find(|figure| figure.name == target.name) {
            Some(figure) => format!(
                "{} | {}, {} | {:.2} | {} | {} | {}",
                amount(figure.value, &figure.unit),
                amount(figure.baseline, &figure.unit),
                target.against,
                figure.ratio,
                figure.n,
                limits(target),
                verdict(target, figure),
            ),
            None => format!(
                "none | {} | | | {} | **no figure**",
                target.against,
                limits(target)
            ),
        };
        let _ = writeln!(text, "| `{}` | {} | {row} |", target.name, target.about);
    }
    for (name, why) in &run.failures {
        let _ = writeln!(text, "\n`{name}` has no figure: {}", first_line(why));
    }
    text
}

/// The cost of each thing at each size.
fn sizes(run: &Run) -> String {
    let mut sizes: Vec<u32> = run.points.iter().map(|point| point.size).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let mut text = "| what |".to_owned();
    for size in &sizes {
        let _ = write!(text, " {} |", thousands(*size));
    }
    let _ = writeln!(text, "\n| --- |{}", " ---: |".repeat(sizes.len()));
    for name in plot::names(&run.points) {
        let _ = write!(text, "| {name} |");
        for size in &sizes {
            let point = run
                .points
                .iter()
                .find(|point| point.name == name && point.size == *size);
            let cell = point.map_or_else(String::new, |point| amount(point.value, &point.unit));
            let _ = write!(text, " {cell} |");
        }
        text.push('\n');
    }
    text
}

fn verdict(target: &Target, figure: &Figure) -> &'static str {
    if target.limits.is_empty() {
        "no target"
    } else if target.limits.iter().all(|limit| limit.holds(figure)) {
        "met"
    } else {
        "**not met**"
    }
}

fn limits(target: &Target) -> String {
    let words: Vec<_> = target.limits.iter().map(|limit| limit.words()).collect();
    words.join("; ")
}

/// Three significant digits, with the unit in its usual form.
fn amount(value: f64, unit: &str) -> String {
    let unit = if unit == "us" { "µs" } else { unit };
    let (value, unit) = match unit {
        "µs" if value >= 1_000.0 => (value / 1_000.0, "ms"),
        "ms" if value >= 10_000.0 => (value / 1_000.0, "s"),
        "bytes" => (value / 1e6, "MB"),
        unit => (value, unit),
    };
    let size = value.abs();
    let number = if size >= 100.0 {
        format!("{value:.0}")
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    };
    format!("{number} {unit}")
}

fn thousands(size: u32) -> String {
    if size >= 1_000 && size.is_multiple_of(1_000) {
        format!("{},000", size / 1_000)
    } else {
        size.to_string()
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{amount, put, summary};
    use crate::bench::figures::{Figure, Run};

    #[test]
    fn only_the_places_of_a_run_are_written_anew() {
        let page = "Words.\n<!-- machine -->\nold\n<!-- /machine -->\nMore words.\n";
        let written = put(page, "machine", "new\n").unwrap();
        assert_eq!(
            written,
            "Words.\n<!-- machine -->\nnew\n<!-- /machine -->\nMore words.\n"
        );
        assert!(put(page, "figures", "").is_err());
        assert!(put("<!-- machine -->\n", "machine", "").is_err());
    }

    #[test]
    fn an_amount_has_the_digits_that_count() {
        assert_eq!(amount(1_234.5, "us"), "1.23 ms");
        assert_eq!(amount(12.34, "us"), "12.3 µs");
        assert_eq!(amount(13_000.0, "ms"), "13.0 s");
        assert_eq!(amount(0.0, "%"), "0.00 %");
        assert_eq!(amount(12_345_678.0, "bytes"), "12.3 MB");
    }

    #[test]
    fn a_measure_without_a_figure_is_never_met() {
        let run = Run {
            failures: vec![("scroll".to_owned(), "it hangs".to_owned())],
            ..Run::default()
        };
        assert!(summary(&run).contains("NO FIGURE"));
        let run = Run {
            figures: vec![Figure {
                name: "scroll".to_owned(),
                value: 2.0,
                unit: "%".to_owned(),
                baseline: 0.0,
                ratio: 1.0,
                n: 600,
            }],
            ..Run::default()
        };
        assert!(summary(&run).contains("**not met**"));
    }
}
