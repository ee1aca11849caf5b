//! Mermaid: <https://mermaid.js.org/syntax/flowchart.html>

use crate::definition::{Saga, Stage, Task};

const STYLES: &str = "    classDef undo fill:#fff4e5,stroke:#b26a00,color:#5c3700\n    \
    classDef pivot fill:#e8f0fe,stroke:#1a56c4,color:#0b2a66,stroke-width:2px\n";

impl Saga {
    /// The saga as a Mermaid flowchart: steps go down, failures go over to compensations (dotted). The same for the same
    /// saga.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut lines = vec!["flowchart TD".to_owned()];
        lines.push(format!(
            "    Start([{}]) --> {}",
            self.name,
            self.stages.first().map(Stage::state).unwrap_or_default()
        ));
        for (index, stage) in self.stages.iter().enumerate() {
            let next = self.stages.get(index + 1).map_or_else(|| self.completed.clone(), Stage::state);
            let node = match stage {
                Stage::Step(task) => format!("{}[{}]", task.state(), task.name),
                Stage::Pivot(task) => format!("{}{{{{{}}}}}:::pivot", task.state(), task.name),
                Stage::Parallel { name, branches } => {
                    lines.push(format!("    subgraph {name}"));
                    lines.extend(branches.iter().map(|tasks| branch(tasks)));
                    lines.push("    end".to_owned());
                    name.clone()
                }
            };
            lines.push(format!("    {node} --> {next}"));
            if !self.is_tail(index) {
                lines.push(format!("    {} -. fails .-> {}", stage.state(), self.turns_back_to(index)));
            }
        }
        lines.push(format!("    {0}([{0}])", self.completed));
        lines.extend(self.back_lines());
        lines.push(format!("    {0}([{0}])", self.compensated));
        format!("{}\n{STYLES}", lines.join("\n"))
    }

    fn back_lines(&self) -> Vec<String> {
        let back = self.way_back();
        let closing = self.closing.as_ref();
        let last = closing.map_or_else(|| self.compensated.clone(), Task::state);
        let next = back.iter().skip(1).map(|(_, undo)| undo.state()).chain([last]);
        let undone = back.iter().zip(next);
        let mut lines: Vec<_> = undone
            .map(|((_, undo), next)| format!("    {}[⟲ {}]:::undo --> {next}", undo.state(), undo.function))
            .collect();
        lines.extend(closing.map(|task| format!("    {}[{}] --> {}", task.state(), task.name, self.compensated)));
        lines
    }
}

fn branch(tasks: &[Task]) -> String {
    let nodes: Vec<_> = tasks.iter().map(|task| format!("{}[{}]", task.state(), task.name)).collect();
    format!("        {}", nodes.join(" --> "))
}
