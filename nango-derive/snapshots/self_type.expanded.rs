const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`Node`], read back.
    struct __NodeTags<'nango, 'a, T: Related<Node<'a, T>>>
    where
        Node<'a, T>: Sized,
    {
        ///The tag `end_user_id`.
        id: _nango::Tag<'nango, Id<Node<'a, T>>>,
        ///The tag `parent`.
        parent: _nango::Tag<'nango, <Node<'a, T> as Table>::Key>,
        ///The tags of the field `part`.
        part: <&'a Part<Node<'a, T>> as _nango::TagFields>::View<'nango>,
        __of: _nango::PhantomData<(&'nango (), fn() -> Node<'a, T>)>,
    }
    #[automatically_derived]
    impl<'a, T: Related<Node<'a, T>>> _nango::TagFields for Node<'a, T>
    where
        Node<'a, T>: Sized,
    {
        const TAGS: &'static [&'static _nango::str] = _nango::TagKeys::as_slice(
            &_nango::TagKeys::join(
                &[
                    &["end_user_id", "parent"],
                    <&'a Part<Node<'a, T>> as _nango::TagFields>::TAGS,
                ],
            ),
        );
        type View<'nango> = __NodeTags<'nango, 'a, T>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            const {
                let keys = _nango::TagKeys::join(&[&["end_user_id", "parent"]]);
                let keys = _nango::TagKeys::extend_checked(
                    keys,
                    "part",
                    <&'a Part<Node<'a, T>> as _nango::TagFields>::TAGS,
                );
                let _ = keys;
            }
            let mut writer = _nango::TagWriter::new(tags);
            writer.insert("end_user_id", _nango::id_text::<Self>(&self.id));
            if let _nango::Some(value) = &self.parent {
                writer.insert("parent", _nango::text(value));
            }
            let outcome = <&'a Part<
                Node<'a, T>,
            > as _nango::TagFields>::put_tags(&self.part, writer.tags());
            writer.record(outcome);
            writer.finish()
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            __NodeTags {
                id: _nango::tag(tags, "end_user_id"),
                parent: _nango::tag(tags, "parent"),
                part: <&'a Part<Node<'a, T>> as _nango::TagFields>::view(tags),
                __of: _nango::PhantomData,
            }
        }
    }
    #[automatically_derived]
    impl<'a, T: Related<Node<'a, T>>> _nango::TagMapper for Node<'a, T>
    where
        Node<'a, T>: Sized,
    {
        type Id = Id<Node<'a, T>>;
        const KIND: &'static _nango::str = "node";
        const ID_TAG: &'static _nango::str = "end_user_id";
        const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;
        #[inline]
        fn owner(&self) -> _nango::Owner {
            _nango::owner::<Self>(_nango::id_text::<Self>(&self.id), _nango::None)
        }
        #[inline]
        fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
            _nango::to_tags(self)
        }
    }
};
