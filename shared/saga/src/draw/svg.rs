//! SVG.

use std::fmt::Write as _;

use super::layout::{Frame, HEIGHT, Kind, Layout, Line, Node, WIDTH};
use crate::definition::Saga;

const STYLE: &str = "\
  <style>\n    \
    text { font: 13px system-ui, sans-serif; text-anchor: middle; fill: #1b1f24 }\n    \
    rect { fill: #ffffff; stroke: #57606a }\n    \
    .end { fill: #eaeef2 }\n    \
    .pivot { fill: #e8f0fe; stroke: #1a56c4; stroke-width: 2 }\n    \
    .undo { fill: #fff4e5; stroke: #b26a00 }\n    \
    .frame { fill: none; stroke-dasharray: 2 4 }\n    \
    .label { font-size: 11px; text-anchor: end; fill: #57606a }\n    \
    path { fill: none; stroke: #57606a; marker-end: url(#tip) }\n    \
    .fails { stroke: #b3261e; stroke-dasharray: 5 4 }\n  \
  </style>\n";
const TIP: &str = "  <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" \
    markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" style=\"fill: #57606a; stroke: none; marker-end: none\"/>\
    </marker></defs>\n";

impl Saga {
    /// The saga as an SVG: steps down the left, compensations up the right, failures dotted. The same for the same saga.
    #[must_use]
    pub fn to_svg(&self) -> String {
        let layout = Layout::of(self);
        let (width, height) = (layout.width, layout.height);
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\" role=\"img\" aria-label=\"The saga {}\">\n{STYLE}{TIP}  \
             <rect width=\"{width}\" height=\"{height}\" rx=\"8\" style=\"stroke: none\"/>\n",
            self.name
        );
        layout.frames.iter().for_each(|frame| draw_frame(&mut svg, frame));
        layout.lines.iter().for_each(|line| draw_line(&mut svg, line));
        layout.nodes.iter().for_each(|node| draw_node(&mut svg, node));
        svg.push_str("</svg>\n");
        svg
    }
}

// Names are letters, digits and hyphens: nothing has to be escaped, and writing into a string cannot fail.

fn draw_frame(svg: &mut String, Frame { text, left, top, right, bottom }: &Frame) {
    let (width, height) = (right - left, bottom - top);
    let _ = writeln!(
        svg,
        "  <rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" rx=\"6\"/>\n  \
         <text class=\"label\" x=\"{right}\" y=\"{}\">{text}</text>",
        top.saturating_sub(7)
    );
}

fn draw_line(svg: &mut String, line: &Line) {
    let class = if line.fails { " class=\"fails\"" } else { "" };
    let points: Vec<_> = line.points.iter().map(|(x, y)| format!("{x} {y}")).collect();
    let _ = writeln!(svg, "  <path{class} d=\"M{}\"/>", points.join(" L"));
}

fn draw_node(svg: &mut String, Node { kind, text, x, y }: &Node) {
    let (class, radius, sign) = match kind {
        Kind::End => ("end", HEIGHT / 2, ""),
        Kind::Step => ("step", 4, ""),
        Kind::Pivot => ("pivot", 4, "◆ "),
        Kind::Undo => ("undo", 4, "⟲ "),
    };
    let (left, top) = (x - WIDTH / 2, y - HEIGHT / 2);
    let _ = writeln!(
        svg,
        "  <rect class=\"{class}\" x=\"{left}\" y=\"{top}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{radius}\"/>\n  \
         <text x=\"{x}\" y=\"{}\">{sign}{text}</text>",
        y + 5
    );
}
