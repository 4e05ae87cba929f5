# Sourced by mvnw and portcullis. Sets JAVA_HOME to a JDK 25 or newer, wherever this machine keeps one:
# JAVA_HOME, ~/.m2/toolchains.xml, then the usual install folders of Linux packages, SDKMAN, Homebrew and macOS.
jdk_major() { # prints the feature release of the JDK in $1, or nothing
  [ -x "$1/bin/javac" ] && sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release" 2>/dev/null
}
jdk_candidates() {
  [ -z "${JAVA_HOME-}" ] || printf '%s\n' "$JAVA_HOME"
  [ ! -f "$HOME/.m2/toolchains.xml" ] || sed -n 's/.*<jdkHome>\(.*\)<\/jdkHome>.*/\1/p' "$HOME/.m2/toolchains.xml"
  for jdk in /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* /opt/java/* /opt/jdk* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    printf '%s\n' "$jdk"
  done
}
jdk_found=
while IFS= read -r jdk; do
  major=$(jdk_major "$jdk") || true
  if [ -n "$major" ] && [ "$major" -ge 25 ]; then
    jdk_found=$jdk
    break
  fi
done <<JDKS
$(jdk_candidates)
JDKS
if [ -z "$jdk_found" ]; then
  echo "Portcullis needs a JDK 25 and found none: install Temurin 25 (Debian package temurin-25-jdk, openjdk-25-jdk-headless on newer releases, 'brew install --cask temurin@25' on macOS) or set JAVA_HOME to one." >&2
  exit 1
fi
JAVA_HOME=$jdk_found
export JAVA_HOME
