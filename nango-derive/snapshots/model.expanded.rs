::core::compile_error! {
    "no kind follows from the name `Model`, which other structs of an app have, too: name it, as in `#[nango(kind = \"cake\")]`"
}
const _: () = {
    use ::nango_core::__private as _nango;
    ///The tags of a [`Model`], read back.
    pub struct __ModelTags<'nango> {
        ///The tag `end_user_id`.
        pub id: _nango::Tag<'nango, i32>,
    }
    #[automatically_derived]
    impl _nango::TagFields for Model {
        const TAGS: &'static [&'static _nango::str] = &[];
        type View<'nango> = __ModelTags<'nango>;
        #[inline]
        fn put_tags(
            &self,
            tags: &mut _nango::Tags,
        ) -> _nango::Result<(), _nango::TagError> {
            loop {}
        }
        #[inline]
        fn view(tags: &_nango::Tags) -> Self::View<'_> {
            loop {}
        }
    }
    #[automatically_derived]
    impl _nango::TagMapper for Model {
        type Id = i32;
        const KIND: &'static _nango::str = "";
        const ID_TAG: &'static _nango::str = "";
        const TAGS: &'static [&'static _nango::str] = <Self as _nango::TagFields>::TAGS;
        #[inline]
        fn owner(&self) -> _nango::Owner {
            loop {}
        }
        #[inline]
        fn to_tags(&self) -> _nango::Result<_nango::Tags, _nango::TagError> {
            loop {}
        }
    }
};
