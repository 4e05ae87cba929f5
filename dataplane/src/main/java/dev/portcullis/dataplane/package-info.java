/** The process in the pods: command line, roles and their shared rooms. */
@NullMarked
package dev.portcullis.dataplane;

import org.jspecify.annotations.NullMarked;
