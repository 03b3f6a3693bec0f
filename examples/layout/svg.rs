//! The picture as SVG, for paper and screens, dark ones too: it brings its background.

use core::fmt::{self, Write};

use baremap::Errno;
use baremap::rt::println;

use crate::regions::{Kind, Region, Regions};

/// Where things stand, in pixels: the box, what is beside it, and the whole.
const LEFT: usize = 190;
const BOX: usize = 330;
const BESIDE: usize = LEFT + BOX + 20;
const WIDTH: usize = 980;
const TOP: usize = 104;
const BOTTOM: usize = 40;

const INK: &str = "#2b2926";
const PALE: &str = "#77726a";
const PAPER: &str = "#fbfaf7";

/// Draws the parts from the top down.
pub fn draw(regions: &Regions, title: fmt::Arguments<'_>) -> Result<(), Errno> {
    let height = TOP + BOTTOM + regions.top_down().map(|region| height_of(&region)).sum::<usize>();
    println!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"'DejaVu Sans', Verdana, sans-serif\" font-size=\"14\" fill=\"{INK}\">"
    )?;
    println!("<rect width=\"{WIDTH}\" height=\"{height}\" rx=\"12\" fill=\"{PAPER}\"/>")?;
    println!("<text x=\"{LEFT}\" y=\"46\" font-size=\"21\" font-weight=\"bold\">{title}</text>")?;
    println!(
        "<text x=\"{LEFT}\" y=\"72\" font-size=\"12.5\" fill=\"{PALE}\">High addresses at the top. A part's height grows \
         with the logarithm of its size; what is empty is cut short.</text>"
    )?;
    let mut y = TOP;
    for region in regions.top_down() {
        let below = y + height_of(&region);
        address(region.end, y)?;
        part(&region, y, below)?;
        y = below;
    }
    address(0, y)?;
    println!("</svg>")
}

/// What is mapped has five pixels more with each doubling of its size.
fn height_of(region: &Region) -> usize {
    let pages = (region.end - region.start) >> 12;
    if region.kind.is_gap() { 58 } else { 42 + 5 * pages.checked_ilog2().unwrap_or(0) as usize }
}

/// An address, at the line that it stands for.
fn address(address: usize, y: usize) -> Result<(), Errno> {
    println!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" font-family=\"'DejaVu Sans Mono', monospace\" font-size=\"12.5\" \
         fill=\"{PALE}\">{address:#x}</text>\n<path d=\"M{} {y}h6\" stroke=\"{PALE}\"/>",
        LEFT - 14,
        y + 4,
        LEFT - 9,
    )
}

fn part(region: &Region, y: usize, below: usize) -> Result<(), Errno> {
    let (right, height, middle) = (LEFT + BOX, below - y, y + (below - y) / 2);
    if region.kind.is_gap() {
        // Sides that are cut: down to the middle, and on from there.
        for x in [LEFT, right] {
            println!(
                "<path d=\"M{x} {y}V{}m-7 3l14 -6m-14 10l14 -6M{x} {}V{below}\" stroke=\"{PALE}\" fill=\"none\"/>",
                middle - 4,
                middle + 4,
            )?;
        }
    } else {
        println!(
            "<rect x=\"{LEFT}\" y=\"{y}\" width=\"{BOX}\" height=\"{height}\" fill=\"{}\" stroke=\"{INK}\" stroke-opacity=\"0.55\"/>",
            fill(region.kind),
        )?;
    }
    let colour = if region.kind.is_gap() { PALE } else { INK };
    let label = Escaped(region.label.as_str());
    println!(
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"{colour}\">{label}</text>",
        LEFT + BOX / 2,
        middle + 5,
    )?;
    let first = if region.remark.as_str().is_empty() { middle + 5 } else { middle - 3 };
    println!(
        "<text x=\"{BESIDE}\" y=\"{first}\" font-size=\"13\" fill=\"{colour}\">{}<tspan dx=\"14\" \
         font-family=\"'DejaVu Sans Mono', monospace\" font-size=\"12.5\" fill=\"{PALE}\">{}</tspan></text>",
        region.size(),
        region.rights().as_str(),
    )?;
    if region.remark.as_str().is_empty() {
        return Ok(());
    }
    println!(
        "<text x=\"{BESIDE}\" y=\"{}\" font-size=\"12\" font-style=\"italic\" fill=\"{PALE}\">{}</text>",
        middle + 14,
        Escaped(region.remark.as_str()),
    )
}

/// Warm for what grows, cool for what a file has.
fn fill(kind: Kind) -> &'static str {
    match kind {
        Kind::Arguments => "#f4d3c5",
        Kind::Stack => "#eebfab",
        Kind::Mapping => "#d9d0ea",
        Kind::Heap => "#f3dfae",
        Kind::Bss => "#d9e9cf",
        Kind::Data => "#c2dcb4",
        Kind::Constants => "#cfe0ee",
        Kind::Text => "#b3d0e6",
        _ => "#e8e6e1",
    }
}

/// Text without what SVG would take as its own.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| match character {
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '&' => f.write_str("&amp;"),
            _ => f.write_char(character),
        })
    }
}
