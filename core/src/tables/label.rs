//! Label classes and namespaces: what selectors are evaluated against.

use super::{Count, Sequence, Tables};
use crate::{Error, LabelClassId, NamespaceId, StrId};

impl Tables<'_> {
    pub(crate) fn add_namespace(&mut self, labels: &[(StrId, StrId)], exists: bool) -> Result<NamespaceId, Error> {
        self.room(Count::Namespaces, 1)?;
        let list = self.push_words(labels.iter().flat_map(|(k, v)| [k.0, v.0]))?;
        let row = self.take(Count::Namespaces)?;
        self.namespace_list[row as usize] = list;
        self.namespace_exists[row as usize] = u8::from(exists);
        Ok(NamespaceId(row))
    }

    pub(crate) fn relabel_namespace(
        &mut self,
        id: NamespaceId,
        labels: &[(StrId, StrId)],
        exists: bool,
    ) -> Result<(), Error> {
        self.known(Count::Namespaces, id.0)?;
        let words = labels.iter().flat_map(|(k, v)| [k.0, v.0]);
        if self.list(self.namespace_list[id.at()]).iter().copied().eq(words)
            && self.namespace_exists[id.at()] == u8::from(exists)
        {
            return Ok(());
        }
        self.namespace_list[id.at()] = self.push_words(labels.iter().flat_map(|(k, v)| [k.0, v.0]))?;
        self.namespace_exists[id.at()] = u8::from(exists);
        for class in 0..self.count(Count::LabelClasses) as usize {
            if self.label_namespace[class] == id.0 {
                for selector in 0..self.count(Count::Selectors) as usize {
                    self.evaluate(selector, class);
                }
            }
        }
        self.bump(Sequence::Labels);
        Ok(())
    }

    pub(crate) fn add_label_class(
        &mut self,
        namespace: NamespaceId,
        labels: &[(StrId, StrId)],
    ) -> Result<LabelClassId, Error> {
        self.known(Count::Namespaces, namespace.0)?;
        self.room(Count::LabelClasses, 1)?;
        let list = self.push_words(labels.iter().flat_map(|(k, v)| [k.0, v.0]))?;
        let row = self.take(Count::LabelClasses)? as usize;
        self.label_namespace[row] = namespace.0;
        self.label_list[row] = list;
        for selector in 0..self.count(Count::Selectors) as usize {
            self.evaluate(selector, row);
        }
        Ok(LabelClassId(row as u32))
    }
}
