//! Bars, and a line at 1.

use std::fmt::Write;

/// A bar, or a heading where it has no value.
#[derive(Clone, Debug)]
pub struct Bar {
    pub name: String,
    pub value: Option<f64>,
    /// What is written at its end.
    pub label: String,
    /// Whether it is ours.
    pub ours: bool,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 90.0;
const LINE: f64 = 20.0;
const TOP: f64 = 40.0;

/// An SVG of the bars, whose lengths are as the values or, where those differ by more
/// than 20 times, as their logarithms.
#[must_use]
pub fn chart(title: &str, one: &str, bars: &[Bar]) -> String {
    let values: Vec<f64> = bars.iter().filter_map(|bar| bar.value).filter(|value| *value > 0.0).collect();
    let most = values.iter().copied().fold(1.0, f64::max);
    let least = values.iter().copied().fold(1.0, f64::min);
    let logarithmic = most / least > 20.0;
    let place = |value: f64| {
        let part = match logarithmic {
            true => (value / least * 2.0).ln() / (most / least * 2.0).ln(),
            false => value / most,
        };
        part.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    };
    let bottom = TOP + bars.len() as f64 * LINE + 6.0;
    let height = bottom + 24.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"24\" font-size=\"15\" font-weight=\"600\" fill=\"#1f2328\">{title}</text>\n",
        title = escaped(title)
    );
    for (index, bar) in bars.iter().enumerate() {
        let y = TOP + index as f64 * LINE;
        let text = y + 14.0;
        let name = escaped(&bar.name);
        let Some(value) = bar.value else {
            let _ = writeln!(
                svg,
                "<text x=\"16\" y=\"{text}\" font-weight=\"600\" fill=\"#1f2328\">{name}</text>"
            );
            continue;
        };
        let (colour, weight) = if bar.ours { ("#2266bb", "600") } else { ("#aab2bd", "400") };
        let (length, end) = (place(value), LEFT + place(value) + 6.0);
        let _ = write!(
            svg,
            "<text x=\"{x}\" y=\"{text}\" text-anchor=\"end\" fill=\"#1f2328\">{name}</text>\n\
             <rect x=\"{LEFT}\" y=\"{top}\" width=\"{length:.1}\" height=\"13\" rx=\"2\" fill=\"{colour}\"/>\n\
             <text x=\"{end:.1}\" y=\"{text}\" font-weight=\"{weight}\" fill=\"#1f2328\">{label}</text>\n",
            x = LEFT - 8.0,
            top = y + 3.0,
            label = escaped(&bar.label),
        );
    }
    let x = LEFT + place(1.0);
    let scale = if logarithmic { ", logarithmic" } else { "" };
    let _ = write!(
        svg,
        "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{bottom}\" stroke=\"#c0392b\" stroke-dasharray=\"4 3\"/>\n\
         <text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\" fill=\"#c0392b\">1 = {one}{scale}</text>\n</svg>\n",
        y = bottom + 15.0,
        one = escaped(one),
    );
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
