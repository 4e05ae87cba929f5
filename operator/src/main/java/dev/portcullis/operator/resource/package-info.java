/** The four kinds as the operator reads them: the spec untyped, as a user wrote it. */
@NullMarked
package dev.portcullis.operator.resource;

import org.jspecify.annotations.NullMarked;
