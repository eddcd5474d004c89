// Owns what builds use and work on: programs, words of a shell, files. Imports nothing. Start at BUILD_TOOLS.

/** Tools that builds use and that say or make something about the build alone. */
export const BUILD_TOOLS =
  /^(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cl|icc|icpc|nvcc|hipcc|gfortran|f2py|ld|ar|ranlib|strip|lipo|otool|install_name_tool|cmake|ctest|ninja|make|gmake|nmake|mingw32-make|meson|scons|bazel|bazelisk|waf|autoconf|autoreconf|automake|aclocal|libtoolize|configure|autogen\.sh|pkg-config|pkgconf|[\w.-]+-config|git|hg|svn|bzr|patch|ldconfig|ldd|swig|cython|cythonize|protoc|thrift|flex|bison|yacc|cargo|rustc|rustup|maturin|go|java|javac|kotlinc|mvn|gradle|ant|npm|npx|yarn|pnpm|bun|node|tsc|webpack|esbuild|vite|rollup|parcel|gulp|grunt|sass|lessc|dotnet|msbuild|csc|zig|nim|ghc|cabal|opam|dune|emcc|em\+\+|ccache|sccache|icx|icpx|ifort|ifx|conan|vcpkg|auditwheel|delocate-wheel|delvewheel|lrelease|msgfmt|gettext|xgettext|msgmerge|pandoc|sphinx-build|doxygen|xcrun|xcodebuild|xcode-select|sw_vers|uname|arch|lsb_release|brew|port|dpkg|dpkg-architecture|dpkg-query|rpm|apt-cache|nvidia-smi|rocminfo|rocm_agent_enumerator|which|where|whereis|vswhere|echo|true|false|test|expr|cat|ls|cp|mv|mkdir|ln|rm|touch|tar|unzip|gzip|sed|awk|grep|find|date|tput|stty|locale|getconf|lscpu|sysctl|python-config|pybind11-config|llvm-config|qmake|pyrcc5|pyuic5|moc|rcc|upx|nasm|yasm|as|windres|mt|dumpbin|lib|link|julia|rscript|r|perl|ruby|octave|mpicc|mpicxx|mpiexec|h5cc|gdal-config|mysql_config|pg_config|krb5-config|curl-config|xml2-config|xslt-config|sdl-config|freetype-config|wx-config|root-config|gsl-config|nc-config|nf-config|buildout|black|flake8|mypy|pytest|twine|wheel|tox|coverage|%python%|python[\d.]*|py|pip[\d.]*)$/;

/** What a shell does by itself. */
export const SHELL_WORDS =
  /^(?:cd|export|set|unset|exit|pushd|popd|umask|wait|if|then|else|fi|for|do|done|while|\[|read|source|\.|sleep|basename|dirname|wc|sort|uniq|head|tail|tr|cut|tee|xargs|diff)$/;

/** What a build makes something of: sources of other languages, recipes, messages, forms. */
export const MATERIAL =
  /(?:\.(?:c|cc|cpp|cxx|h|hpp|hxx|m|mm|cu|pyx|pxd|pxi|rs|go|java|kt|swift|f|for|f77|f90|f95|s|asm|i|zig|d|cs|ts|tsx|js|jsx|vue|scss|less|proto|thrift|capnp|po|ui|qrc|y|l|g4|in|cmake|mk|am|ac|gyp|bazel)|(?:^|\/)(?:CMakeLists\.txt|(?:GNU)?[Mm]akefile|meson\.build|configure|package\.json|Cargo\.toml|SConstruct|BUILD))$/;
