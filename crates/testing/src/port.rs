//! A port that is reserved for one test while the program under test listens on it.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, UdpSocket};

use rand::RngExt as _;

/// Below the ports that Linux (32768), macOS and Windows (49152) assign to outgoing connections by default,
/// so that none of these gets a reserved port.
const RANGE: std::ops::Range<u16> = 10_000..32_000;
/// Attempts before it is an error; on a usual machine one in a thousand ports is taken.
const ATTEMPTS: u32 = 500;

/// A port of this computer's loopback addresses, 127.0.0.1 and, where available, `::1`. Until it is dropped
/// no other test of any process that uses this type gets the same one, although nothing listens on it.
///
/// The claim is a UDP socket with the port's number: the operating system gives it to one process only and
/// releases it when the process ends in any way.
#[derive(Debug)]
pub struct Port {
    number: u16,
    _claim: UdpSocket,
}

impl Port {
    /// Reserves a port that nothing listens on.
    ///
    /// # Errors
    /// If no port is free.
    pub fn reserve() -> io::Result<Self> {
        let mut last = io::Error::from(io::ErrorKind::AddrInUse);
        for _ in 0..ATTEMPTS {
            match Self::claim(rand::rng().random_range(RANGE)) {
                Ok(port) => return Ok(port),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Reserves this port.
    ///
    /// # Errors
    /// If another test has it, or something listens on it.
    fn claim(number: u16) -> io::Result<Self> {
        let claim = UdpSocket::bind((Ipv4Addr::LOCALHOST, number))?;
        TcpListener::bind((Ipv4Addr::LOCALHOST, number))?;
        let v6 = |number| TcpListener::bind(SocketAddr::from((Ipv6Addr::LOCALHOST, number)));
        if v6(0).is_ok() {
            v6(number)?;
        }
        Ok(Self {
            number,
            _claim: claim,
        })
    }

    /// Its number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// A redirect URI with it, as registered by an admin of ezeep Blue:
    /// `http://localhost:PORT/oauth/callback`.
    #[must_use]
    pub fn redirect_uri(&self) -> String {
        format!("http://localhost:{}/oauth/callback", self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_port_can_be_listened_on_over_both_families() {
        let port = Port::reserve().unwrap();
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port.number())).unwrap();
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_ok() {
            TcpListener::bind((Ipv6Addr::LOCALHOST, port.number())).unwrap();
        }
        drop(v4);
    }

    #[test]
    fn a_reserved_port_is_nobody_elses_until_it_is_dropped() {
        let port = Port::reserve().unwrap();
        let number = port.number();
        assert_eq!(Port::claim(number).unwrap_err().kind(), io::ErrorKind::AddrInUse);
        drop(port);
        assert_eq!(Port::claim(number).unwrap().number(), number);
    }

    #[test]
    fn a_port_that_something_listens_on_is_not_reserved() {
        let number = Port::reserve().unwrap().number();
        let _listener = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).unwrap();
        assert_eq!(Port::claim(number).unwrap_err().kind(), io::ErrorKind::AddrInUse);
    }
}
