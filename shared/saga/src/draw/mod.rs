//! A saga as a picture.

mod layout;
mod mermaid;
mod svg;
