/** Where configuration comes from and how it is swapped. The only package that talks to Kubernetes. */
@NullMarked
package dev.portcullis.dataplane.config;

import org.jspecify.annotations.NullMarked;
