//! Tokens to a tree: YAML's grammar, with libyaml's errors where a token does not fit.
//!
//! Depth is bounded by the scanner, which refuses deeper text before a token of it arrives here.

use super::YamlError;
use super::cursor::Mark;
use super::node::{Node, NodeId, NodeKind, Tree};
use super::scanner::Scanner;
use super::token::TokenKind;
use crate::manifest::limits::MAX_VALUES;
use std::collections::BTreeMap;

type Parse<T> = Result<T, YamlError>;

const CORE_TAGS: &str = "tag:yaml.org,2002:";

/// The first document of a text; `None` when there is none.
pub fn parse(text: &str) -> Parse<Option<Tree>> {
    let mut parser = Parser { scanner: Scanner::new(text)?, nodes: Vec::new(), anchors: BTreeMap::new(), tags: BTreeMap::new() };
    let root = parser.document()?;
    Ok(root.map(|root| Tree { nodes: parser.nodes, root }))
}

struct Parser {
    scanner: Scanner,
    nodes: Vec<Node>,
    anchors: BTreeMap<String, NodeId>,
    /// `%TAG` directives: handle to prefix.
    tags: BTreeMap<String, String>,
}

/// What may stand before a node.
#[derive(Default)]
struct Properties {
    anchor: Option<String>,
    tag: Option<(String, String, Mark)>,
}

impl Parser {
    fn kind(&mut self) -> Parse<TokenKind> {
        Ok(self.scanner.peek()?.kind.clone())
    }

    fn mark(&mut self) -> Parse<Mark> {
        Ok(self.scanner.peek()?.start)
    }

    /// Whether the next token is one of `kinds` (kinds with content are never asked for).
    fn at(&mut self, kinds: &[TokenKind]) -> Parse<bool> {
        let kind = &self.scanner.peek()?.kind;
        Ok(kinds.contains(kind))
    }

    /// Takes the next token if it is of `kind`, and tells where it ended.
    fn take(&mut self, kind: TokenKind) -> Parse<Option<Mark>> {
        if self.scanner.peek()?.kind != kind {
            return Ok(None);
        }
        Ok(Some(self.scanner.next()?.end))
    }

    /// An error about the next token.
    fn unexpected<T>(&mut self, problem: &str) -> Parse<T> {
        Err(YamlError::parser(problem, self.mark()?))
    }

    fn add(&mut self, mark: Mark, kind: NodeKind) -> Parse<NodeId> {
        if self.nodes.len() >= MAX_VALUES {
            return Err(YamlError::unplaced(&format!("document has more than {MAX_VALUES} values"), mark));
        }
        self.nodes.push(Node { mark, kind });
        Ok(self.nodes.len() - 1)
    }

    fn empty(&mut self, mark: Mark) -> Parse<NodeId> {
        self.add(mark, NodeKind::Scalar { value: String::new(), tag: String::new(), implicit: true })
    }

    fn document(&mut self) -> Parse<Option<NodeId>> {
        if self.at(&[TokenKind::StreamEnd])? {
            return Ok(None);
        }
        let directives = self.directives()?;
        let explicit = self.take(TokenKind::DocumentStart)?.is_some();
        if directives && !explicit {
            return self.unexpected("did not find expected <document start>");
        }
        let ends_here = matches!(
            self.kind()?,
            TokenKind::VersionDirective { .. }
                | TokenKind::TagDirective { .. }
                | TokenKind::DocumentStart
                | TokenKind::DocumentEnd
                | TokenKind::StreamEnd
        );
        let root = if explicit && ends_here {
            let mark = self.mark()?;
            self.empty(mark)?
        } else {
            self.node(true, false)?
        };
        // go-yaml looks at the token behind the document, so an error there counts.
        self.scanner.peek()?;
        Ok(Some(root))
    }

    /// Reads `%` directives; true when there was one.
    fn directives(&mut self) -> Parse<bool> {
        let mut version = false;
        let mut any = false;
        loop {
            let mark = self.mark()?;
            match self.kind()? {
                TokenKind::VersionDirective { .. } if version => return self.unexpected("found duplicate %YAML directive"),
                TokenKind::VersionDirective { major: 1, minor: 1 } => version = true,
                TokenKind::VersionDirective { .. } => return self.unexpected("found incompatible YAML document"),
                TokenKind::TagDirective { handle, prefix } => {
                    if self.tags.insert(handle, prefix).is_some() {
                        return Err(YamlError::parser("found duplicate %TAG directive", mark));
                    }
                }
                _ => break,
            }
            any = true;
            self.scanner.next()?;
        }
        for (handle, prefix) in [("!", "!"), ("!!", CORE_TAGS)] {
            self.tags.entry(handle.to_owned()).or_insert_with(|| prefix.to_owned());
        }
        Ok(any)
    }

    fn node(&mut self, block: bool, indentless: bool) -> Parse<NodeId> {
        let start = self.mark()?;
        if let TokenKind::Alias(name) = self.kind()? {
            let Some(&target) = self.anchors.get(&name) else {
                return Err(YamlError::unplaced(&format!("unknown anchor '{name}' referenced"), start));
            };
            self.scanner.next()?;
            return self.add(start, NodeKind::Alias { name, target });
        }
        let properties = self.properties()?;
        let tag = self.resolve_tag(&properties)?;
        let any_property = properties.anchor.is_some() || properties.tag.is_some();
        let kind = self.kind()?;
        let empty_scalar = |tag: String| {
            let implicit = tag.is_empty();
            NodeKind::Scalar { value: String::new(), tag, implicit }
        };
        // The number is taken, and the anchor known, before the content is read: the content may refer to it.
        let node = self.add(start, empty_scalar(String::new()))?;
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, node);
        }
        let content = match kind {
            TokenKind::BlockEntry if indentless => self.indentless_sequence()?,
            TokenKind::Scalar { value, plain } => {
                self.scanner.next()?;
                let implicit = plain && tag.is_empty() || tag == "!";
                NodeKind::Scalar { value, tag, implicit }
            }
            TokenKind::FlowSequenceStart => self.flow_sequence()?,
            TokenKind::FlowMappingStart => self.flow_mapping()?,
            TokenKind::BlockSequenceStart if block => self.block_sequence()?,
            TokenKind::BlockMappingStart if block => self.block_mapping()?,
            _ if any_property => empty_scalar(tag),
            _ => return self.unexpected("did not find expected node content"),
        };
        self.nodes[node].kind = content;
        Ok(node)
    }

    /// An anchor and a tag, in any order, one of each.
    fn properties(&mut self) -> Parse<Properties> {
        let mut found = Properties::default();
        loop {
            let mark = self.mark()?;
            match self.kind()? {
                TokenKind::Anchor(name) if found.anchor.is_none() => found.anchor = Some(name),
                TokenKind::Tag { handle, suffix } if found.tag.is_none() => found.tag = Some((handle, suffix, mark)),
                _ => return Ok(found),
            }
            self.scanner.next()?;
        }
    }

    /// The full tag; empty without one.
    fn resolve_tag(&mut self, properties: &Properties) -> Parse<String> {
        match &properties.tag {
            None => Ok(String::new()),
            Some((handle, suffix, _)) if handle.is_empty() => Ok(suffix.clone()),
            Some((handle, suffix, mark)) => match self.tags.get(handle) {
                Some(prefix) => Ok(format!("{prefix}{suffix}")),
                None => Err(YamlError::parser("found undefined tag handle", *mark)),
            },
        }
    }

    /// A node, or nothing if one of `ends` comes next.
    fn node_unless(&mut self, ends: &[TokenKind], mark: Mark, indentless: bool) -> Parse<NodeId> {
        if self.at(ends)? { self.empty(mark) } else { self.node(true, indentless) }
    }

    fn block_sequence(&mut self) -> Parse<NodeKind> {
        self.scanner.next()?;
        let mut items = Vec::new();
        while let Some(mark) = self.take(TokenKind::BlockEntry)? {
            items.push(self.node_unless(&[TokenKind::BlockEntry, TokenKind::BlockEnd], mark, false)?);
        }
        match self.take(TokenKind::BlockEnd)? {
            Some(_) => Ok(NodeKind::Sequence(items)),
            None => self.unexpected("did not find expected '-' indicator"),
        }
    }

    /// A sequence at its key's own column, which no token ends.
    fn indentless_sequence(&mut self) -> Parse<NodeKind> {
        let ends = [TokenKind::BlockEntry, TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        let mut items = Vec::new();
        while let Some(mark) = self.take(TokenKind::BlockEntry)? {
            items.push(self.node_unless(&ends, mark, false)?);
        }
        Ok(NodeKind::Sequence(items))
    }

    fn block_mapping(&mut self) -> Parse<NodeKind> {
        self.scanner.next()?;
        let ends = [TokenKind::Key, TokenKind::Value, TokenKind::BlockEnd];
        let mut entries = Vec::new();
        while let Some(mark) = self.take(TokenKind::Key)? {
            let key = self.node_unless(&ends, mark, true)?;
            let value = match self.take(TokenKind::Value)? {
                Some(mark) => self.node_unless(&ends, mark, true)?,
                None => {
                    let mark = self.mark()?;
                    self.empty(mark)?
                }
            };
            entries.push((key, value));
        }
        match self.take(TokenKind::BlockEnd)? {
            Some(_) => Ok(NodeKind::Mapping(entries)),
            None => self.unexpected("did not find expected key"),
        }
    }

    fn flow_sequence(&mut self) -> Parse<NodeKind> {
        self.scanner.next()?;
        let mut items = Vec::new();
        while self.next_flow_entry(TokenKind::FlowSequenceEnd, items.is_empty(), "did not find expected ',' or ']'")? {
            let start = self.mark()?;
            if self.take(TokenKind::Key)?.is_some() {
                let entry = self.flow_pair()?;
                items.push(self.add(start, NodeKind::Mapping(vec![entry]))?);
            } else {
                items.push(self.node(false, false)?);
            }
        }
        Ok(NodeKind::Sequence(items))
    }

    /// Steps over the comma before a further entry; false, and past the closing bracket, when there is none.
    fn next_flow_entry(&mut self, end: TokenKind, first: bool, problem: &str) -> Parse<bool> {
        if self.take(end.clone())?.is_some() {
            return Ok(false);
        }
        if !first {
            if self.take(TokenKind::FlowEntry)?.is_none() {
                return self.unexpected(problem);
            }
            if self.take(end)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// `key: value` between brackets without braces; the key's token is taken.
    fn flow_pair(&mut self) -> Parse<(NodeId, NodeId)> {
        let ends = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowSequenceEnd];
        let key = if self.at(&ends)? {
            // libyaml takes that token as if it were the key: a value behind it is lost.
            let mark = self.scanner.next()?.end;
            self.empty(mark)?
        } else {
            self.node(false, false)?
        };
        let value = self.flow_value(TokenKind::FlowSequenceEnd)?;
        Ok((key, value))
    }

    fn flow_value(&mut self, end: TokenKind) -> Parse<NodeId> {
        if self.take(TokenKind::Value)?.is_some() && !self.at(&[TokenKind::FlowEntry, end])? {
            return self.node(false, false);
        }
        let mark = self.mark()?;
        self.empty(mark)
    }

    fn flow_mapping(&mut self) -> Parse<NodeKind> {
        self.scanner.next()?;
        let mut entries = Vec::new();
        while self.next_flow_entry(TokenKind::FlowMappingEnd, entries.is_empty(), "did not find expected ',' or '}'")? {
            let entry = if self.take(TokenKind::Key)?.is_some() {
                let mark = self.mark()?;
                let ends = [TokenKind::Value, TokenKind::FlowEntry, TokenKind::FlowMappingEnd];
                let key = if self.at(&ends)? { self.empty(mark)? } else { self.node(false, false)? };
                (key, self.flow_value(TokenKind::FlowMappingEnd)?)
            } else {
                let key = self.node(false, false)?;
                let mark = self.mark()?;
                (key, self.empty(mark)?)
            };
            entries.push(entry);
        }
        Ok(NodeKind::Mapping(entries))
    }
}
