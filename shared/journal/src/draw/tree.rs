//! Lines with branches.

use jiff::Timestamp;

/// A tree under construction: every line is kept with its depth, and the branches are drawn at the end, when it is known which
/// line is the last of its parent.
pub(super) struct Tree {
    started: Option<Timestamp>,
    depth: usize,
    lines: Vec<(usize, Option<Timestamp>, String)>,
}

impl Tree {
    pub(super) fn new(started: Option<Timestamp>) -> Self {
        Self { started, depth: 0, lines: Vec::new() }
    }

    /// A line whose children follow, until [`up`](Self::up).
    pub(super) fn open(&mut self, time: Option<Timestamp>, text: &str) {
        self.leaf(time, text);
        self.depth += 1;
    }

    /// A line without children.
    pub(super) fn leaf(&mut self, time: Option<Timestamp>, text: &str) {
        self.lines.push((self.depth, time, text.to_owned()));
    }

    /// The children are done.
    pub(super) fn up(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// The tree, with a last line.
    pub(super) fn close(self, last: &str) -> String {
        let mut text = String::new();
        for (index, (depth, time, line)) in self.lines.iter().enumerate() {
            let later = self.lines.get(index + 1..).unwrap_or_default();
            text.push_str(&format!("{:>8}  {}{line}\n", self.offset(*time), branches(*depth, later)));
        }
        text.push_str(&format!("{:>8}  = {last}\n", ""));
        text
    }

    /// Milliseconds since the first trace.
    fn offset(&self, time: Option<Timestamp>) -> String {
        match (self.started, time) {
            (Some(from), Some(to)) => format!("{:.0} ms", to.duration_since(from).as_secs_f64() * 1000.0),
            _ => String::new(),
        }
    }
}

/// The branches before a line: at each depth, whether something of that depth follows before the parent ends.
fn branches(depth: usize, later: &[(usize, Option<Timestamp>, String)]) -> String {
    let follows = |level: usize| later.iter().map(|(d, ..)| *d).find(|d| *d <= level).is_some_and(|d| d == level);
    (1..=depth)
        .map(|level| match (level == depth, follows(level)) {
            (true, true) => "├─ ",
            (true, false) => "└─ ",
            (false, true) => "│  ",
            (false, false) => "   ",
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_end_where_their_parent_ends() {
        let mut tree = Tree::new(None);
        tree.open(None, "root");
        tree.open(None, "first");
        tree.leaf(None, "leaf");
        tree.up();
        tree.leaf(None, "second");
        tree.up();
        let lines: Vec<String> = tree.close("done").lines().map(|line| line.trim().to_owned()).collect();
        assert_eq!(lines, ["root", "├─ first", "│  └─ leaf", "└─ second", "= done"]);
    }
}
