//! Where the boxes of a picture are: steps go down on the left, compensations stand beside them and go up on the right.

use crate::definition::{Compensation, Saga, Stage, Task};

pub(super) const WIDTH: u32 = 180;
pub(super) const HEIGHT: u32 = 40;
const GAP: u32 = 34;
const COLUMN: u32 = WIDTH + 36;
const MARGIN: u32 = 24;

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    End,
    Step,
    Pivot,
    Undo,
}

/// A box, by its middle.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) x: u32,
    pub(super) y: u32,
}

/// A line from the middle of an edge to the middle of another's, by way of right angles.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) points: Vec<(u32, u32)>,
    pub(super) fails: bool,
}

/// A frame around a parallel stage.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) text: String,
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) right: u32,
    pub(super) bottom: u32,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub(super) nodes: Vec<Node>,
    pub(super) lines: Vec<Line>,
    pub(super) frames: Vec<Frame>,
    pub(super) width: u32,
    pub(super) height: u32,
    columns: u32,
    /// The last compensation so far, from the top: where failures go.
    turn: (u32, u32),
}

/// The middle of a row.
fn row(row: u32) -> u32 {
    MARGIN + HEIGHT / 2 + row * (HEIGHT + GAP)
}

fn count(items: usize) -> u32 {
    u32::try_from(items).unwrap_or(u32::MAX)
}

impl Layout {
    pub(super) fn of(saga: &Saga) -> Self {
        let branches = saga.stages.iter().map(|stage| match stage {
            Stage::Parallel { branches, .. } => count(branches.len()),
            Stage::Step(_) | Stage::Pivot(_) => 1,
        });
        let mut layout = Self { columns: branches.max().unwrap_or(1), ..Self::default() };
        layout.width = layout.right() + WIDTH / 2 + MARGIN;
        layout.node(Kind::End, &saga.name, layout.middle(), 0);
        layout.node(Kind::End, &saga.compensated, layout.right(), 0);
        layout.turn = (layout.right(), row(0));
        let mut at = 1;
        if let Some(task) = &saga.closing {
            layout.undo(Kind::Step, &task.name, 1);
            at = 2;
        }
        let mut above = vec![(layout.middle(), row(0))];
        for (index, stage) in saga.stages.iter().enumerate() {
            let turns = !saga.is_tail(index);
            (above, at) = match stage {
                Stage::Step(task) => layout.single(Kind::Step, task, at, &above, turns),
                Stage::Pivot(task) => layout.single(Kind::Pivot, task, at, &above, turns),
                Stage::Parallel { name, branches } => layout.parallel(name, branches, at, &above, turns),
            };
        }
        layout.node(Kind::End, &saga.completed, layout.middle(), at);
        layout.down(&above, (layout.middle(), row(at)));
        layout.height = row(at) + HEIGHT / 2 + MARGIN;
        layout
    }

    fn column(&self, column: u32) -> u32 {
        MARGIN + WIDTH / 2 + column * COLUMN
    }

    fn middle(&self) -> u32 {
        self.column(0).midpoint(self.column(self.columns - 1))
    }

    fn right(&self) -> u32 {
        self.column(self.columns) + 30
    }

    fn node(&mut self, kind: Kind, text: &str, x: u32, at: u32) {
        self.nodes.push(Node { kind, text: text.to_owned(), x, y: row(at) });
    }

    /// A line down from each of `above`.
    fn down(&mut self, above: &[(u32, u32)], (x, y): (u32, u32)) {
        for (from_x, from_y) in above {
            let mut points = vec![(*from_x, from_y + HEIGHT / 2)];
            if *from_x != x {
                let bend = y - HEIGHT / 2 - GAP / 2;
                points.extend([(*from_x, bend), (x, bend)]);
            }
            points.push((x, y - HEIGHT / 2));
            self.lines.push(Line { points, fails: false });
        }
    }

    /// A box on the way back, and the line up from it.
    fn undo(&mut self, kind: Kind, text: &str, at: u32) {
        let (x, y) = (self.right(), row(at));
        self.node(kind, text, x, at);
        let points = vec![(x, y - HEIGHT / 2), (x, self.turn.1 + HEIGHT / 2)];
        self.lines.push(Line { points, fails: false });
        self.turn = (x, y);
    }

    /// A dotted line from the right edge of what may fail, at `from`, to where the way back begins.
    fn fails(&mut self, from: (u32, u32)) {
        let (x, y) = self.turn;
        let points =
            if y == from.1 { vec![from, (x - WIDTH / 2, y)] } else { vec![from, (x, from.1), (x, y + HEIGHT / 2)] };
        self.lines.push(Line { points, fails: true });
    }

    fn single(
        &mut self,
        kind: Kind,
        task: &Task,
        at: u32,
        above: &[(u32, u32)],
        turns: bool,
    ) -> (Vec<(u32, u32)>, u32) {
        let (x, y) = (self.middle(), row(at));
        self.node(kind, &task.name, x, at);
        self.down(above, (x, y));
        if let Some(undo) = task.compensation() {
            self.undo(Kind::Undo, undo.function(), at);
        }
        if turns {
            self.fails((x + WIDTH / 2, y));
        }
        (vec![(x, y)], at + 1)
    }

    fn parallel(
        &mut self,
        name: &str,
        branches: &[Vec<Task>],
        at: u32,
        above: &[(u32, u32)],
        turns: bool,
    ) -> (Vec<(u32, u32)>, u32) {
        let mut ends = Vec::new();
        let mut rows = 1;
        for (column, tasks) in (0..).zip(branches) {
            let x = self.column(column);
            let mut from = above.to_vec();
            for (down, task) in (0..).zip(tasks) {
                self.node(Kind::Step, &task.name, x, at + down);
                self.down(&from, (x, row(at + down)));
                from = vec![(x, row(at + down))];
            }
            rows = rows.max(count(tasks.len()));
            ends.extend(from);
        }
        let undone: Vec<_> =
            branches.iter().flatten().filter_map(Task::compensation).map(Compensation::function).collect();
        for (down, function) in (0..).zip(&undone) {
            self.undo(Kind::Undo, function, at + down);
        }
        rows = rows.max(count(undone.len()));
        let (pad, last) = (12, self.column(count(branches.len()) - 1));
        let frame = Frame {
            text: name.to_owned(),
            left: self.column(0) - WIDTH / 2 - pad,
            top: row(at) - HEIGHT / 2 - pad,
            right: last + WIDTH / 2 + pad,
            bottom: row(at + rows - 1) + HEIGHT / 2 + pad,
        };
        if turns {
            self.fails((frame.right, row(at + rows - 1)));
        }
        self.frames.push(frame);
        (ends, at + rows)
    }
}
