//! The Runtime API, spoken by hand: what a well-behaved client never does.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;

use serde_json::json;

/// One request on a connection of its own: status, headers in lower case, body.
fn send(api: &str, request: &str) -> (u16, Vec<String>, String) {
    let mut stream = TcpStream::connect(api).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut lines = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).expect("a header");
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        headers.push(line);
    }
    let status = headers[0].split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    let length = headers.iter().find_map(|h| h.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    lines.read_exact(&mut body).expect("a body");
    (status, headers, String::from_utf8(body).expect("text"))
}

pub(crate) fn post(api: &str, path: &str, body: &str) -> (u16, Vec<String>, String) {
    let length = body.len();
    send(api, &format!("POST {path} HTTP/1.1\r\nhost: {api}\r\ncontent-length: {length}\r\n\r\n{body}"))
}

/// Answers events with what the API said to things that are not allowed, in chunks.
pub(crate) fn serve(api: &str) -> ExitCode {
    loop {
        let prefix = "/2018-06-01/runtime";
        let (_, headers, _) = send(api, &format!("GET {prefix}/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n"));
        let id =
            headers.iter().find_map(|h| h.strip_prefix("lambda-runtime-aws-request-id: ")).expect("an id").to_owned();
        let wrong = post(api, &format!("{prefix}/invocation/nonsense/response"), "1");
        let early = send(api, &format!("GET {prefix}/invocation/next HTTP/1.1\r\nhost: {api}\r\n\r\n"));
        let unknown = post(api, "/2018-06-01/extension/register", "{}");
        let answer = json!({
            "wrong": [wrong.0, wrong.2],
            "early": early.0,
            "unknown": unknown.0,
            "deadline": headers.iter().any(|h| h.starts_with("lambda-runtime-deadline-ms: 17")),
        })
        .to_string();
        let (start, end) = answer.split_at(5);
        let path = format!("{prefix}/invocation/{id}/response");
        let chunks = format!("5\r\n{start}\r\n{:x}\r\n{end}\r\n0\r\n\r\n", end.len());
        let request = format!("POST {path} HTTP/1.1\r\nhost: {api}\r\ntransfer-encoding: chunked\r\n\r\n{chunks}");
        let (status, ..) = send(api, &request);
        assert_eq!(status, 202);
    }
}
