// Owns processes that nobody asked for: at start-up, install or import. Start at unaskedProcess.
import type { Command } from '../evidence/command.ts';
import type { Evidence } from '../evidence/evidence.ts';
import type { CallEvent } from '../python/flow/machine.ts';
import type { Finding } from '../report/finding.ts';
import { type Detector, findingOf, isUnasked } from './detector.ts';

const ID = 'unasked-process';

/** Tools that builds use and that say or make something about the build alone. */
const BUILD_TOOLS =
  /^(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|cl|icc|icpc|nvcc|hipcc|gfortran|f2py|ld|ar|ranlib|strip|lipo|otool|install_name_tool|cmake|ctest|ninja|make|gmake|nmake|mingw32-make|meson|scons|bazel|bazelisk|waf|autoconf|autoreconf|automake|aclocal|libtoolize|configure|autogen\.sh|pkg-config|pkgconf|[\w.-]+-config|git|hg|svn|bzr|patch|ldconfig|ldd|swig|cython|cythonize|protoc|thrift|flex|bison|yacc|cargo|rustc|rustup|maturin|go|java|javac|mvn|gradle|ant|npm|npx|yarn|pnpm|node|tsc|webpack|msgfmt|gettext|xgettext|msgmerge|pandoc|sphinx-build|doxygen|xcrun|xcodebuild|xcode-select|sw_vers|uname|arch|lsb_release|brew|port|dpkg|dpkg-architecture|dpkg-query|rpm|apt-cache|nvidia-smi|rocminfo|rocm_agent_enumerator|which|where|whereis|vswhere|echo|true|false|test|expr|cat|ls|cp|mv|mkdir|ln|rm|touch|tar|unzip|gzip|sed|awk|grep|find|date|tput|stty|locale|getconf|lscpu|sysctl|python-config|pybind11-config|llvm-config|qmake|pyrcc5|pyuic5|moc|rcc|upx|nasm|yasm|as|windres|mt|dumpbin|lib|link|julia|rscript|r|perl|ruby|octave|mpicc|mpicxx|mpiexec|h5cc|gdal-config|mysql_config|pg_config|krb5-config|curl-config|xml2-config|xslt-config|sdl-config|freetype-config|wx-config|root-config|gsl-config|nc-config|nf-config|buildout|black|flake8|mypy|pytest|twine|wheel|tox|coverage|%python%|python[\d.]*|py|pip[\d.]*)$/;

function isOrdinary(archive: Evidence, command: Command): boolean {
  const { program, words, text } = command;
  if (program === '' || program.includes('‹')) return false;
  if (/^(?:%python%|python[\d.]*|py)$/.test(program)) return isOwnScript(archive, words);
  if (/^pip[\d.]*$/.test(program)) return false;
  if (/^(?:curl|wget)$/.test(program)) return false;
  return (
    BUILD_TOOLS.test(program) &&
    !/https?:\/\//.test(text.replaceAll(/https?:\/\/(?:www\.)?(?:github|gitlab)\.com\S*/g, ''))
  );
}

/** `python file` where the file is one of the archive: that file was read as well. */
function isOwnScript(archive: Evidence, words: readonly string[]): boolean {
  const rest = words.slice(1).filter((w) => !/^-[A-Zuv]$/.test(w));
  const [first, second] = rest;
  if (first === '-m')
    return /^(?:pip|ensurepip)$/.test(second ?? '')
      ? false
      : /^(?:build|setuptools|cython|pytest|numpy\.f2py|grpc_tools\.protoc|compileall|venv|virtualenv|wheel|unittest|pybind11|sphinx|nuitka|PyInstaller)/.test(
          second ?? '',
        );
  if (first === '-c') return true;
  if (first === undefined) return true;
  const clean = first.replace(/^‹here›[\\/]+/, '').replace(/^\.\//, '');
  return archive.layout.byPath.has(clean) || /^(?:setup|manage)\.py$/.test(clean);
}

function points(event: CallEvent, command: Command): number {
  const isImport = event.context === 'import';
  let score = isImport ? 3 : 5;
  if (event.context === 'start-up') score = 9;
  if (command.isHidden) score += 2;
  if (command.words.length === 0 || command.text.startsWith('‹?')) score -= 2;
  return score;
}

/** A process at start-up, install or import that is no build tool at work. */
export const unaskedProcess: Detector = {
  id: ID,
  detect(archive) {
    const findings: Finding[] = [];
    for (const [event, command] of archive.commands) {
      if (!isUnasked(event.context)) continue;
      if (event.context !== 'start-up' && isOrdinary(archive, command)) continue;
      if (isPipInstall(command)) continue;
      const score = points(event, command);
      findings.push(
        findingOf(ID, event, {
          score,
          class: 'suspicious',
          message: `Starts ${command.program === '' ? 'a process' : command.program.slice(0, 60)} at ${event.context}.`,
          sources: command.taint,
          decoded: command.text,
        }),
      );
    }
    return findings;
  },
};

function isPipInstall(command: Command): boolean {
  return /\bpip[\d.]*\b[^\n]*\binstall\b/.test(command.text);
}
