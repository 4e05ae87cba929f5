/** What looking across requests costs. */
@NullMarked
package dev.portcullis.benchmarks.session;

import org.jspecify.annotations.NullMarked;
