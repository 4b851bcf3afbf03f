//! Curves over sizes as an SVG file that stands by itself, light and dark, with the fonts and colours of the inspector's
//! drawings: panels side by side, both axes logarithmic.

use std::fmt::Write;

/// One curve: points of size, lower quartile, median and upper quartile.
pub struct Curve {
    pub name: &'static str,
    pub points: Vec<[f64; 4]>,
}

/// One system of coordinates.
pub struct Panel {
    pub title: String,
    pub curves: Vec<Curve>,
}

/// The inner size of a panel, and the room around it.
const WIDTH: f64 = 300.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 46.0;
const TOP: f64 = 100.0;
const BELOW: f64 = 64.0;
const EDGE: f64 = 24.0;

/// The key above the panels has an entry for each curve, this far apart.
const ENTRY: f64 = 190.0;

const STYLE: &str = r#"
.plot { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; }
.plot .paper { fill: #faf9f5; }
.plot text { fill: #23262b; font-size: 12px; }
.plot .heading { font-size: 17px; font-weight: 600; }
.plot .title { font-size: 13px; font-weight: 600; text-anchor: middle; }
.plot .tick { fill: #5d6067; font-size: 11px; text-anchor: middle; }
.plot .tick.y { text-anchor: end; }
.plot .axis { fill: #5d6067; text-anchor: middle; }
.plot .grid { stroke: #e3dfd3; }
.plot .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
.plot .c0 { --ink: #b3541e; } .plot .c1 { --ink: #1d5c63; } .plot .c2 { --ink: #6a3fa0; } .plot .c3 { --ink: #1f5fa8; }
.plot .curve, .plot .spread { stroke: var(--ink); }
.plot .mark { fill: var(--ink); }
@media (prefers-color-scheme: dark) {
  .plot .paper { fill: #16181c; }
  .plot text { fill: #e9e7e1; }
  .plot .tick, .plot .axis { fill: #a9adb5; }
  .plot .grid { stroke: #2b2f36; }
  .plot .c0 { --ink: #f2a36b; } .plot .c1 { --ink: #7fd0d8; } .plot .c2 { --ink: #c6a8f2; } .plot .c3 { --ink: #8fbdf0; }
}
"#;

/// Draw panels with the same axes. At most four curves each, the same ones in every panel.
pub fn draw(heading: &str, x_axis: &str, y_axis: &str, panels: &[Panel]) -> String {
    let points = || panels.iter().flat_map(|p| &p.curves).flat_map(|c| &c.points);
    let ends = |column: fn(&[f64; 4]) -> [f64; 2]| {
        points()
            .map(column)
            .fold([f64::INFINITY, 0.0_f64], |[low, high], [a, b]| [low.min(a), high.max(b)])
    };
    let [x_low, x_high] = ends(|p| [p[0], p[0]]).map(|x| 10_f64.powf(x.log10().round()));
    let y_ticks = ticks(ends(|p| [p[1], p[3]]));
    let x = Axis { low: x_low, high: x_high, from: 0.0, to: WIDTH };
    let y = Axis { low: y_ticks[0], high: y_ticks[y_ticks.len() - 1], from: HEIGHT, to: 0.0 };
    let step = LEFT + WIDTH + EDGE;
    let (width, height) = (EDGE + step * panels.len() as f64, TOP + HEIGHT + BELOW);

    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<title>{heading}</title>\n<style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{height}\"/>\n\
         <text class=\"heading\" x=\"{EDGE}\" y=\"34\">{heading}</text>\n"
    );
    let mut put = |text: String| writeln!(svg, "{text}").expect("a string takes all");
    for (i, curve) in panels.iter().take(1).flat_map(|panel| &panel.curves).enumerate() {
        let at = EDGE + i as f64 * ENTRY;
        put(format!("<g class=\"c{i}\"><path class=\"curve\" d=\"M{at} 58h26\"/>"));
        put(format!("{}</g>", mark(i, at + 13.0, 58.0)));
        put(format!("<text x=\"{}\" y=\"62\">{}</text>", at + 34.0, curve.name));
    }
    for (i, panel) in panels.iter().enumerate() {
        let left = EDGE + LEFT + i as f64 * step;
        put(format!("<g transform=\"translate({left} {TOP})\">"));
        put(format!(
            "<text class=\"title\" x=\"{}\" y=\"-10\">{}</text>",
            WIDTH / 2.0,
            panel.title
        ));
        for &tick in &y_ticks {
            let at = y.place(tick);
            put(format!("<path class=\"grid\" d=\"M0 {at:.1}h{WIDTH}\"/>"));
            put(format!("<text class=\"tick y\" x=\"-8\" y=\"{:.1}\">{tick}</text>", at + 4.0));
        }
        for power in x_low.log10().round() as i32..=x_high.log10().round() as i32 {
            let at = x.place(10_f64.powi(power));
            put(format!("<path class=\"grid\" d=\"M{at:.1} 0v{HEIGHT}\"/>"));
            put(format!(
                "<text class=\"tick\" x=\"{at:.1}\" y=\"{}\">10<tspan dy=\"-5\" font-size=\"9\">{power}</tspan></text>",
                HEIGHT + 20.0
            ));
        }
        put(format!(
            "<text class=\"axis\" x=\"{}\" y=\"{}\">{x_axis}</text>",
            WIDTH / 2.0,
            HEIGHT + 44.0
        ));
        if i == 0 {
            put(format!(
                "<text class=\"axis\" transform=\"translate(-{} {}) rotate(-90)\">{y_axis}</text>",
                LEFT - 6.0,
                HEIGHT / 2.0
            ));
        }
        for (i, curve) in panel.curves.iter().enumerate() {
            put(format!("<g class=\"c{i}\">{}</g>", drawn(i, curve, &x, &y)));
        }
        put("</g>".into());
    }
    svg + "</svg>\n"
}

/// A line through the medians, a mark at each, and a bar from quartile to quartile.
fn drawn(i: usize, curve: &Curve, x: &Axis, y: &Axis) -> String {
    let (mut line, mut marks) = (String::new(), String::new());
    for &[size, low, median, high] in &curve.points {
        let (at, [low, median, high]) =
            (x.place(size), [low, median, high].map(|nanoseconds| y.place(nanoseconds)));
        let step = if line.is_empty() { 'M' } else { 'L' };
        line += &format!("{step}{at:.1} {median:.1}");
        marks += &format!("<path class=\"spread\" d=\"M{at:.1} {low:.1}V{high:.1}\"/>");
        marks += &mark(i, at, median);
    }
    format!("<path class=\"curve\" d=\"{line}\"/>{marks}")
}

/// A sign of its own for each curve: disc, square, diamond, triangle.
fn mark(i: usize, x: f64, y: f64) -> String {
    let shape = match i {
        0 => "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",
        1 => "m-3.2 -3.2h6.4v6.4h-6.4z",
        2 => "m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z",
        _ => "m0 -4.2l4.2 7.4h-8.4z",
    };
    format!("<path class=\"mark\" d=\"M{x:.1} {y:.1}{shape}\"/>")
}

/// A logarithmic axis from one place to another.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn place(&self, value: f64) -> f64 {
        let part = (value / self.low).ln() / (self.high / self.low).ln();
        self.from + part * (self.to - self.from)
    }
}

/// The numbers 1, 2 and 5 times a power of ten that hold a range.
fn ticks([low, high]: [f64; 2]) -> Vec<f64> {
    let all: Vec<f64> =
        (-3..9).flat_map(|power| [1.0, 2.0, 5.0].map(|digit| digit * 10_f64.powi(power))).collect();
    let first = all.iter().rposition(|&tick| tick <= low).unwrap_or(0);
    let last = all.iter().position(|&tick| tick >= high).unwrap_or(all.len() - 1);
    all[first..=last.max(first + 1)].to_vec()
}
