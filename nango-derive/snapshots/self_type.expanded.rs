const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`Node`], read back.
    struct __NodeTags<'nango, 'a, T: Related<Node<'a, T>>>
    where
        Node<'a, T>: Sized,
    {
        __tags: &'nango _nango::Tags,
        __of: _nango::PhantomData<fn() -> Node<'a, T>>,
    }
    #[automatically_derived]
    impl<'nango, 'a, T: Related<Node<'a, T>>> __NodeTags<'nango, 'a, T>
    where
        Node<'a, T>: Sized,
    {
        ///The tag `end_user_id`.
        #[inline]
        fn id(&self) -> _nango::Tag<'nango, Id<Node<'a, T>>> {
            _nango::tag(self.__tags, "end_user_id")
        }
        ///The tag `parent`.
        #[inline]
        fn parent(&self) -> _nango::Tag<'nango, <Node<'a, T> as Table>::Key> {
            _nango::tag(self.__tags, "parent")
        }
        ///The tags of the field `part`.
        #[inline]
        fn part(&self) -> <&'a Part<Node<'a, T>> as _nango::TagFields>::View<'nango> {
            <&'a Part<Node<'a, T>> as _nango::TagFields>::view(self.__tags)
        }
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
                __tags: tags,
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
        const SCOPE_TAG: _nango::Option<&'static _nango::str> = _nango::None;
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
