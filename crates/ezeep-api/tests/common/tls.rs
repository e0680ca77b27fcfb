//! TLS servers with certificates made for a test, and the trust store with their authority. The trust store
//! is set by an environment variable of the process: the checked code runs in a child process, which is the
//! same test program with one ignored test.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::VecDeque;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// Environment variable with the server's address for the child.
pub const SERVER: &str = "PRESSROOM_TEST_SERVER";

/// The fields of a test certificate.
#[derive(Clone, Copy)]
pub struct Leaf {
    pub name: &'static str,
    /// First and last year of its validity.
    pub years: (i32, i32),
}

/// For this computer, and valid.
pub const GOOD: Leaf = Leaf {
    name: "localhost",
    years: (2020, 2099),
};

/// A test's own certificate authority.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    /// Writes a trust store with only this authority.
    pub fn save(&self, path: &Path) {
        std::fs::write(path, self.0.pem()).unwrap();
    }

    fn acceptor(&self, leaf: Leaf) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec![leaf.name.to_owned()]).unwrap();
        params.not_before = date_time_ymd(leaf.years.0, 1, 1);
        params.not_after = date_time_ymd(leaf.years.1, 1, 1);
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        TlsAcceptor::from(Arc::new(config))
    }

    /// A local server that answers each connection with the next of these certificates, then always with the
    /// last, and with these headers and this body. Returns its URL.
    pub async fn serve(&self, leaves: &[Leaf], headers: &'static str, body: &str) -> String {
        let acceptors: VecDeque<_> = leaves.iter().map(|leaf| self.acceptor(*leaf)).collect();
        let acceptors = Mutex::new(acceptors);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let reply = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{headers}connection: close\r\n\r\n{body}",
            body.len()
        );
        tokio::spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let acceptor = {
                    let mut acceptors = acceptors.lock().unwrap();
                    let next = acceptors.front().unwrap().clone();
                    if acceptors.len() > 1 {
                        acceptors.pop_front();
                    }
                    next
                };
                // A client that does not trust the certificate closes the connection in the handshake.
                let Ok(mut stream) = acceptor.accept(socket).await else {
                    continue;
                };
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(reply.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        format!("https://localhost:{port}")
    }
}

/// The output of one ignored test about `server`, with `store` as the system's trust store.
pub async fn child(test: &'static str, server: &str, store: &Path) -> String {
    let (server, store) = (server.to_owned(), store.to_owned());
    let run = move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", test, "--ignored", "--nocapture"])
            .env(SERVER, server)
            .env("SSL_CERT_FILE", store)
            .env("SSL_CERT_DIR", "/nowhere")
            .output()
            .unwrap()
    };
    let output = tokio::task::spawn_blocking(run).await.unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}
