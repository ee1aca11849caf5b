//! Text to path.

use serde_json_path::JsonPath;

use super::{Path, Root, Segment};

pub(super) fn parse(text: &str) -> Result<Path, String> {
    let mut reader = Reader { text, at: 0 };
    let root = reader.root()?;
    let mut segments = Vec::new();
    while reader.peek().is_some() {
        reader.segment(&mut segments)?;
    }
    if matches!(segments.last(), Some(Segment::Descendants)) {
        return Err("'..' must be followed by a name or brackets".into());
    }
    Ok(Path { text: text.to_owned(), root, segments })
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !accept(c)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    fn root(&mut self) -> Result<Root, String> {
        if self.eat("$$") {
            return Ok(Root::Context);
        }
        if !self.eat("$") {
            return Err("a path starts with '$'".into());
        }
        let name = self.take_while(|c| c.is_alphanumeric() || c == '_');
        Ok(if name.is_empty() { Root::Input } else { Root::Variable(name.to_owned()) })
    }

    fn segment(&mut self, segments: &mut Vec<Segment>) -> Result<(), String> {
        if self.eat("..") {
            segments.push(Segment::Descendants);
            return if self.peek() == Some('[') { Ok(()) } else { self.name(segments) };
        }
        if self.eat(".") {
            return self.name(segments);
        }
        if self.peek() == Some('[') {
            segments.push(self.brackets()?);
            return Ok(());
        }
        Err(format!("'{}' is not expected at character {}", self.rest(), self.at + 1))
    }

    fn name(&mut self, segments: &mut Vec<Segment>) -> Result<(), String> {
        if self.eat("*") {
            segments.push(Segment::Wildcard);
            return Ok(());
        }
        let name =
            self.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@' | '/' | '+' | '\u{80}'..));
        if name.is_empty() {
            return Err(format!("a name is expected at character {}", self.at + 1));
        }
        segments.push(Segment::Name(name.to_owned()));
        Ok(())
    }

    fn brackets(&mut self) -> Result<Segment, String> {
        let inside = self.inside_brackets()?;
        let inside = inside.trim();
        if inside == "*" {
            return Ok(Segment::Wildcard);
        }
        if inside.starts_with('?') {
            let query = JsonPath::parse(&format!("$[{inside}]"));
            return query.map(Segment::Filter).map_err(|e| format!("filter [{inside}]: {e}"));
        }
        if inside.starts_with(['\'', '"']) {
            return names(inside);
        }
        if inside.contains(':') { slice(inside) } else { indexes(inside) }
    }

    /// What stands between the brackets that start here; the reader moves behind them.
    fn inside_brackets(&mut self) -> Result<&'a str, String> {
        let start = self.at + 1;
        let (mut depth, mut quote, mut escaped) = (0_usize, None, false);
        for (offset, c) in self.rest().char_indices() {
            match (quote, c) {
                (Some(_), _) if escaped => escaped = false,
                (Some(_), '\\') => escaped = true,
                (Some(q), _) if q == c => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '[') => depth += 1,
                (None, ']') if depth == 1 => {
                    let inside = self.text.get(start..self.at + offset).unwrap_or_default();
                    self.at += offset + 1;
                    return Ok(inside);
                }
                (None, ']') => depth -= 1,
                _ => {}
            }
        }
        Err(format!("'[' at character {start} is not closed"))
    }
}

fn names(inside: &str) -> Result<Segment, String> {
    let mut names = Vec::new();
    let mut rest = inside;
    loop {
        let quote = rest.chars().next().filter(|c| matches!(c, '\'' | '"'));
        let quote = quote.ok_or_else(|| format!("a quoted name is expected in [{inside}]"))?;
        let (name, after) = quoted(rest.get(1..).unwrap_or_default(), quote)
            .ok_or_else(|| format!("a quote in [{inside}] is not closed"))?;
        names.push(name);
        rest = after.trim_start();
        match rest.strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None if rest.is_empty() => break,
            None => return Err(format!("',' is expected in [{inside}]")),
        }
    }
    Ok(match <[String; 1]>::try_from(names) {
        Ok([name]) => Segment::Name(name),
        Err(names) => Segment::Names(names),
    })
}

fn quoted(text: &str, quote: char) -> Option<(String, &str)> {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        if c == '\\' {
            // Only the quote and the backslash are escaped; before anything else, a backslash is itself.
            let escaped = chars.next()?.1;
            if escaped != quote && escaped != '\\' {
                name.push(c);
            }
            name.push(escaped);
        } else if c == quote {
            return Some((name, text.get(at + c.len_utf8()..)?));
        } else {
            name.push(c);
        }
    }
    None
}

fn indexes(inside: &str) -> Result<Segment, String> {
    let found: Result<Vec<i64>, _> = inside.split(',').map(|n| n.trim().parse()).collect();
    let found = found.map_err(|_| format!("[{inside}] is not an index, a quoted name, a slice, '*' or a filter"))?;
    Ok(match <[i64; 1]>::try_from(found) {
        Ok([index]) => Segment::Index(index),
        Err(indexes) => Segment::Indexes(indexes),
    })
}

fn slice(inside: &str) -> Result<Segment, String> {
    let bad = || format!("[{inside}] is not a slice");
    let mut parts = Vec::new();
    for part in inside.split(':') {
        let part = part.trim();
        parts.push(if part.is_empty() { None } else { Some(part.parse::<i64>().map_err(|_| bad())?) });
    }
    let (start, end, step) = match parts.as_slice() {
        [start, end] => (*start, *end, 1),
        [start, end, step] => (*start, *end, step.unwrap_or(1)),
        _ => return Err(bad()),
    };
    if step < 1 {
        return Err(format!("the step of [{inside}] must be positive"));
    }
    Ok(Segment::Slice { start, end, step })
}
