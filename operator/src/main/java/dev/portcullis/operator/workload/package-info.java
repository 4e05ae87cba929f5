/** What the pods of both roles have in common. */
@NullMarked
package dev.portcullis.operator.workload;

import org.jspecify.annotations.NullMarked;
