/** Portcullis beside other forward proxies: one upstream, one load generator, one run. Needs Linux and Debian's packages. */
@NullMarked
package dev.portcullis.benchmarks.proxy;

import org.jspecify.annotations.NullMarked;
