//! The plot of cost against size, as an SVG for light and dark backgrounds. Draws its input and knows no
//! target.

use std::fmt::Write as _;

use super::figures::Point;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 480.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 620.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 420.0;
/// Distance of names that would overlap.
const LINE: f64 = 17.0;

/// Follows the system's theme. The hues are distinguishable with color blindness, and each line has its name
/// at its end.
const STYLE: &str = "
  text { font: 13px system-ui, sans-serif; fill: #24292f; }
  .title { font-weight: 600; font-size: 15px; }
  .dim { fill: #57606a; }
  .grid { stroke: #d0d7de; stroke-width: 1; }
  .even { stroke: #57606a; stroke-width: 1.5; stroke-dasharray: 5 5; fill: none; }
  .l { fill: none; stroke-width: 2; }
  .d { stroke: none; }
  .c0 { --c: #0072b2; } .c1 { --c: #b35900; } .c2 { --c: #00795c; } .c3 { --c: #a0447a; }
  .c4 { --c: #8250df; } .c5 { --c: #6e7781; } .c6 { --c: #9a6700; } .c7 { --c: #cf222e; }
  .l { stroke: var(--c); } .d { fill: var(--c); } .n { fill: var(--c); }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; } .dim { fill: #9198a1; } .grid { stroke: #3d444d; } .even { stroke: #9198a1; }
    .c0 { --c: #58a6ff; } .c1 { --c: #f0883e; } .c2 { --c: #3fb997; } .c3 { --c: #e28bc0; }
    .c4 { --c: #bc8cff; } .c5 { --c: #b1bac4; } .c6 { --c: #e3b341; } .c7 { --c: #ff7b72; }
  }
";

/// The names of the things with a cost at more than one size, in the order of the points.
pub fn names(points: &[Point]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for point in points {
        let sizes = points.iter().filter(|other| other.name == point.name).count();
        if sizes > 1 && !names.contains(&point.name.as_str()) {
            names.push(&point.name);
        }
    }
    names
}

/// Draws the cost of each thing, as a multiple of its cost at its smallest size, over the number of people.
/// Both axes are logarithmic.
pub fn draw(points: &[Point]) -> String {
    let lines: Vec<(&str, Vec<(f64, f64)>)> = names(points)
        .into_iter()
        .map(|name| (name, multiples(points, name)))
        .collect();
    let sizes = || {
        lines
            .iter()
            .flat_map(|(_, line)| line.iter().map(|(size, _)| *size))
    };
    let costs = || {
        lines
            .iter()
            .flat_map(|(_, line)| line.iter().map(|(_, cost)| *cost))
    };
    let least = sizes().fold(f64::INFINITY, f64::min);
    let most = sizes().fold(1.0, f64::max);
    if !least.is_finite() || most <= least {
        return frame("There is nothing to draw yet.");
    }
    let span = Span {
        sizes: (least.log10(), most.log10()),
        costs: (
            costs().fold(1.0, f64::min).log10().floor(),
            costs().fold(most / least, f64::max).log10().ceil(),
        ),
    };
    let mut text = String::new();
    axes(&mut text, &span);
    let (x, y) = (span.x(least), span.y(1.0));
    let (end_x, end_y) = (span.x(most), span.y(most / least));
    let _ = writeln!(
        text,
        r#"<path class="even" d="M{x:.1} {y:.1}L{end_x:.1} {end_y:.1}"/>"#
    );
    let mut ends = vec![(end_y, "dim".to_owned(), "in proportion to the people")];
    for (number, (name, line)) in lines.iter().enumerate() {
        let class = format!("c{}", number % 8);
        let places: Vec<String> = line
            .iter()
            .map(|(size, cost)| format!("{:.1} {:.1}", span.x(*size), span.y(*cost)))
            .collect();
        let _ = writeln!(text, r#"<path class="l {class}" d="M{}"/>"#, places.join("L"));
        for (size, cost) in line {
            let (x, y) = (span.x(*size), span.y(*cost));
            let _ = writeln!(
                text,
                r#"<circle class="d {class}" cx="{x:.1}" cy="{y:.1}" r="3.5"/>"#
            );
        }
        if let Some((_, cost)) = line.last() {
            ends.push((span.y(*cost), format!("n {class}"), name));
        }
    }
    name_ends(&mut text, ends);
    frame(&text)
}

/// The cost of a thing at each size, as a multiple of that at the smallest.
fn multiples(points: &[Point], name: &str) -> Vec<(f64, f64)> {
    let mut line: Vec<(f64, f64)> = points
        .iter()
        .filter(|point| point.name == name && point.value > 0.0)
        .map(|point| (f64::from(point.size), point.value))
        .collect();
    line.sort_by(|one, other| one.0.total_cmp(&other.0));
    let first = line.first().map_or(1.0, |(_, cost)| *cost);
    line.iter().map(|(size, cost)| (*size, cost / first)).collect()
}

/// The range of the axes, as powers of ten.
struct Span {
    sizes: (f64, f64),
    costs: (f64, f64),
}

impl Span {
    fn x(&self, size: f64) -> f64 {
        let (low, high) = self.sizes;
        LEFT + (size.log10() - low) / (high - low) * (RIGHT - LEFT)
    }

    fn y(&self, cost: f64) -> f64 {
        let (low, high) = self.costs;
        BOTTOM - (cost.log10() - low) / (high - low).max(1.0) * (BOTTOM - TOP)
    }
}

fn axes(text: &mut String, span: &Span) {
    let _ = writeln!(
        text,
        r#"<text class="title" x="{LEFT}" y="28">Cost against size, as a multiple of the cost at 1,000 people</text>"#
    );
    for size in [1_000, 10_000, 100_000, 300_000] {
        let x = span.x(f64::from(size));
        if (LEFT - 1.0..=RIGHT + 1.0).contains(&x) {
            let _ = writeln!(text, r#"<path class="grid" d="M{x:.1} {TOP}V{BOTTOM}"/>"#);
            let _ = writeln!(
                text,
                r#"<text class="dim" x="{x:.1}" y="{:.1}" text-anchor="middle">{},000</text>"#,
                BOTTOM + 20.0,
                size / 1_000
            );
        }
    }
    let mut power = span.costs.0;
    while power <= span.costs.1 {
        let y = span.y(10_f64.powf(power));
        let _ = writeln!(text, r#"<path class="grid" d="M{LEFT} {y:.1}H{RIGHT}"/>"#);
        let _ = writeln!(
            text,
            r#"<text class="dim" x="{:.1}" y="{:.1}" text-anchor="end">{}×</text>"#,
            LEFT - 8.0,
            y + 4.0,
            10_f64.powf(power)
        );
        power += 1.0;
    }
    let _ = writeln!(
        text,
        r#"<text class="dim" x="{:.1}" y="{:.1}" text-anchor="middle">people</text>"#,
        f64::midpoint(LEFT, RIGHT),
        BOTTOM + 44.0
    );
}

/// Writes the name of each line at its end, far enough from the next one.
fn name_ends(text: &mut String, mut ends: Vec<(f64, String, &str)>) {
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let room = LINE * ends.len() as f64;
    let mut least = TOP;
    for (number, (y, class, name)) in ends.iter().enumerate() {
        // The following names must have space too.
        let most = BOTTOM + LINE - (room - LINE * number as f64);
        let place = y.min(most.max(least)).max(least);
        let _ = writeln!(
            text,
            r#"<text class="{class}" x="{:.1}" y="{:.1}">{name}</text>"#,
            RIGHT + 12.0,
            place + 4.0
        );
        least = place + LINE;
    }
}

fn frame(inside: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" aria-label="Cost against size">
<style>{STYLE}</style>
{inside}</svg>
"#
    )
}

#[cfg(test)]
mod tests {
    use super::{Point, draw, names};

    fn point(name: &str, size: u32, value: f64) -> Point {
        Point {
            name: name.to_owned(),
            size,
            value,
            unit: "ms".to_owned(),
        }
    }

    #[test]
    fn what_is_known_at_one_size_alone_is_no_line() {
        let points = [
            point("a", 1_000, 1.0),
            point("b", 1_000, 1.0),
            point("a", 10_000, 9.0),
        ];
        assert_eq!(names(&points), ["a"]);
        let drawn = draw(&points);
        assert_eq!(drawn.matches("class=\"l ").count(), 1);
        assert_eq!(drawn.matches("<circle").count(), 2);
    }

    #[test]
    fn a_run_without_sizes_draws_no_line_and_no_nonsense() {
        for points in [
            vec![],
            vec![point("a", 1_000, 1.0)],
            vec![point("a", 1_000, 0.0); 2],
        ] {
            let drawn = draw(&points);
            assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
        }
    }
}
