//! Windows over a source, and the budget of work.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Code, ReadError};
use super::lexer::Lexer;
use super::limits::Limits;
use crate::source::Source;

pub(crate) struct Window {
    pub source: Arc<dyn Source>,
    pub limits: Limits,
    pub len: u64,
    work: AtomicU64,
}

impl Window {
    pub fn new(source: Arc<dyn Source>, limits: &Limits) -> Self {
        let len = source.len();
        let mut limits = limits.clone();
        limits.work = limits
            .work
            .saturating_add(len.saturating_mul(limits.work_per_byte));
        Self {
            source,
            len,
            limits,
            work: AtomicU64::new(0),
        }
    }

    /// Counts work; refuses when it is too much.
    pub fn spend(&self, bytes: usize, offset: u64) -> Result<(), ReadError> {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let spent = self.work.fetch_add(bytes, Ordering::Relaxed);
        if spent.saturating_add(bytes) > self.limits.work {
            return Err(ReadError::new(Code::TooMuchWork, offset));
        }
        Ok(())
    }

    /// Bytes of the file; the range must lie within it.
    pub fn bytes(&self, offset: u64, length: usize) -> Result<Cow<'_, [u8]>, ReadError> {
        let end = offset.checked_add(u64::try_from(length).unwrap_or(u64::MAX));
        if end.is_none_or(|end| end > self.len) {
            return Err(ReadError::new(Code::Truncated, offset));
        }
        self.spend(length, offset)?;
        if let Some(all) = self.source.as_slice() {
            let start = usize::try_from(offset).unwrap_or(usize::MAX);
            let range = start..start.saturating_add(length);
            return all
                .get(range)
                .map(Cow::Borrowed)
                .ok_or(ReadError::new(Code::Truncated, offset));
        }
        let mut buffer = vec![0; length];
        self.source
            .read_at(offset, &mut buffer)
            .map_err(|e| ReadError::new(Code::Unreadable(e.kind()), offset))?;
        Ok(Cow::Owned(buffer))
    }

    /// Parses at an offset, in windows that grow until the value fits. Nothing from `end` on is seen.
    pub fn parse<T>(
        &self,
        offset: u64,
        end: u64,
        mut parser: impl FnMut(&mut Lexer<'_>) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let end = end.min(self.len);
        let available = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        if available == 0 {
            return Err(ReadError::new(Code::Truncated, offset));
        }
        let most = self.limits.object_bytes.min(available);
        let mut size = if self.source.as_slice().is_some() {
            most
        } else {
            FIRST_WINDOW.min(most)
        };
        loop {
            let bytes = {
                // Only what the parser takes is counted, below.
                let start = usize::try_from(offset).unwrap_or(usize::MAX);
                match self
                    .source
                    .as_slice()
                    .and_then(|all| all.get(start..start.checked_add(size)?))
                {
                    Some(slice) => Cow::Borrowed(slice),
                    None => self.bytes(offset, size)?,
                }
            };
            let mut lexer = Lexer::in_file(&bytes, offset, size == available, &self.limits);
            let result = parser(&mut lexer);
            self.spend(lexer.cost().saturating_add(EACH), offset)?;
            match result {
                Err(ReadError {
                    code: Code::Truncated,
                    ..
                }) if size < most => {
                    size = size.saturating_mul(4).min(most);
                }
                Err(ReadError {
                    code: Code::Truncated,
                    ..
                }) if size < available => {
                    return Err(ReadError::new(Code::TooLarge, offset));
                }
                other => return other,
            }
        }
    }
}

/// What reading a value costs beside its bytes.
pub(crate) const EACH: usize = 256;

/// Most objects are smaller.
const FIRST_WINDOW: usize = 4096;
