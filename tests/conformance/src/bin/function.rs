//! The suite's function as a program: asks the Runtime API for events, and does what is decided for each
//! ([custom runtimes](https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html)).

// Not from the library, which would bring the SDK's clients into every upload.
#[path = "../function.rs"]
#[expect(unreachable_pub, reason = "public where it is part of the library")]
mod function;

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use function::{MODE, decide, line};

fn main() -> io::Result<()> {
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default().to_string_lossy().into_owned();
    let (api, mode) = (variable("AWS_LAMBDA_RUNTIME_API"), variable(MODE));
    loop {
        let (id, body) = request(&api, "GET", "invocation/next", "")?;
        let event: Value = serde_json::from_slice(&body)?;
        println!("{}", line(&event));
        let plan = decide(&mode, &event);
        #[expect(clippy::disallowed_methods, reason = "a process of its own, on real time")]
        std::thread::sleep(plan.wait);
        if let Some(status) = plan.exit {
            std::process::exit(status);
        }
        match plan.answer {
            Ok(answer) => request(&api, "POST", &format!("invocation/{id}/response"), &answer.to_string())?,
            Err((kind, message)) => {
                let error = json!({ "errorType": kind, "errorMessage": message });
                request(&api, "POST", &format!("invocation/{id}/error"), &error.to_string())?
            }
        };
    }
}

/// One request on a connection of its own; answers the invocation's id, where there is one, and the body.
fn request(api: &str, method: &str, path: &str, body: &str) -> io::Result<(String, Vec<u8>)> {
    let mut stream = TcpStream::connect(api)?;
    let length = body.len();
    write!(
        stream,
        "{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nhost: {api}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )?;
    let mut reader = BufReader::new(stream);
    let (mut id, mut length, mut chunked) = (String::new(), 0, false);
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header)? == 0 || header.trim().is_empty() {
            break;
        }
        let Some((name, value)) = header.trim().split_once(':') else { continue };
        match name.to_ascii_lowercase().as_str() {
            "lambda-runtime-aws-request-id" => value.trim().clone_into(&mut id),
            "content-length" => length = value.trim().parse().unwrap_or_default(),
            "transfer-encoding" => chunked = value.trim().eq_ignore_ascii_case("chunked"),
            _ => {}
        }
    }
    let mut body = Vec::new();
    if chunked {
        read_chunks(&mut reader, &mut body)?;
    } else {
        reader.take(length).read_to_end(&mut body)?;
    }
    Ok((id, body))
}

fn read_chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut size = String::new();
        reader.read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim(), 16).unwrap_or_default();
        if size == 0 {
            return Ok(());
        }
        reader.by_ref().take(size).read_to_end(body)?;
        reader.read_line(&mut String::new())?;
    }
}
