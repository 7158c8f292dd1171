//! How long a new connection may say nothing. Until it is known whether it speaks HTTP/1 or HTTP/2 no other limit runs:
//! the one on headers begins after that.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum_server::accept::Accept;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::Sleep,
};

/// Accepts what another acceptor accepts, and hangs up when the first bytes do not come in time.
#[derive(Debug, Clone)]
pub struct Impatient<A> {
    inner: A,
    wait: Duration,
}

impl<A> Impatient<A> {
    /// The same acceptor, waiting this long for the first bytes.
    pub fn new(inner: A, wait: Duration) -> Self {
        Self { inner, wait }
    }
}

impl<I, S, A> Accept<I, S> for Impatient<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Prompt<A::Stream>;
    type Service = A::Service;
    type Future = Pin<Box<dyn Future<Output = io::Result<(Self::Stream, Self::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let (accepting, wait) = (self.inner.accept(stream, service), self.wait);
        Box::pin(async move {
            let (stream, service) = accepting.await?;
            Ok((Prompt::new(stream, wait), service))
        })
    }
}

/// A stream whose first bytes come before a moment, or not at all.
#[derive(Debug)]
pub struct Prompt<S> {
    stream: S,
    missing: usize,
    until: Pin<Box<Sleep>>,
}

impl<S> Prompt<S> {
    fn new(stream: S, wait: Duration) -> Self {
        Self {
            stream,
            missing: FIRST_BYTES,
            until: Box::pin(tokio::time::sleep(wait)),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Prompt<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.stream).poll_read(context, buffer) {
            Poll::Ready(read) => {
                let came = buffer.filled().len().saturating_sub(before);
                self.missing = self.missing.saturating_sub(came);
                Poll::Ready(read)
            }
            Poll::Pending if self.missing > 0 && self.until.as_mut().poll(context).is_ready() => {
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Prompt<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// The HTTP/2 connection preface (RFC 9113 §3.4): after as many bytes it is decided which of the two it is.
const FIRST_BYTES: usize = 24;

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const WAIT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn a_connection_that_says_nothing_is_hung_up_on() {
        let (_silent, stream) = tokio::io::duplex(64);
        let error = Prompt::new(stream, WAIT).read_u8().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn half_a_preface_is_not_enough() {
        let (mut slow, stream) = tokio::io::duplex(64);
        let mut prompt = Prompt::new(stream, WAIT);
        slow.write_all(b"PRI * HTTP").await.unwrap();
        let mut read = [0; FIRST_BYTES];
        let error = prompt.read_exact(&mut read).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn whoever_has_begun_has_time() {
        let (mut quick, stream) = tokio::io::duplex(64);
        let mut prompt = Prompt::new(stream, WAIT);
        quick.write_all(&[b'x'; FIRST_BYTES]).await.unwrap();
        let mut read = [0; FIRST_BYTES];
        prompt.read_exact(&mut read).await.unwrap();
        tokio::time::sleep(WAIT.saturating_mul(2)).await;
        quick.write_all(b"y").await.unwrap();
        assert_eq!(prompt.read_u8().await.unwrap(), b'y');
    }
}
