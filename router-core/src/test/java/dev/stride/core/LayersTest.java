package dev.stride.core;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What may use what: `addr wire packet stats -> adjacency -> fib -> rib`, `forward` on top of all
/// but `rib`.
class LayersTest {
    private static final JavaClasses CORE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages("dev.stride.core");

    @Test
    void packagesHaveNoCycles() {
        slices().matching("dev.stride.core.(*)..").should().beFreeOfCycles().check(CORE);
    }

    @Test
    void layersAreKept() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("values")
                .definedBy("..core.addr", "..core.wire", "..core.packet", "..core.stats")
                .layer("adjacency")
                .definedBy("..core.adjacency")
                .layer("fib")
                .definedBy("..core.fib")
                .layer("rib")
                .definedBy("..core.rib")
                .layer("pfil")
                .definedBy("..core.pfil")
                .layer("fragment")
                .definedBy("..core.fragment")
                .layer("forward")
                .definedBy("..core.forward")
                .whereLayer("forward")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("rib")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("fib")
                .mayOnlyBeAccessedByLayers("rib", "forward")
                .whereLayer("fragment")
                .mayOnlyBeAccessedByLayers("forward")
                .whereLayer("pfil")
                .mayOnlyBeAccessedByLayers("forward")
                .whereLayer("adjacency")
                .mayOnlyBeAccessedByLayers("fib", "rib", "forward")
                .check(CORE);
    }

    @Test
    void coreUsesNoThreadClockLogOrChannel() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(Thread.class, java.time.Instant.class, System.Logger.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                .check(CORE);
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName(
                        "dev.stride.core.fib.Gathers$Measured") // the processor
                .should()
                .callMethod(System.class, "nanoTime")
                .check(CORE);
    }

    @Test
    void coreIsBare() {
        classes()
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "dev.stride.core..", "java..", "jdk.incubator.vector..", "org.jspecify..")
                .check(CORE);
    }

    /// Where the compiler calls such a method instead of inlining it, each vector is an object: it
    /// did in some processes, for good.
    @Test
    void noVectorLeavesItsMethod() {
        DescribedPredicate<JavaClass> vector =
                JavaClass.Predicates.resideInAPackage("jdk.incubator.vector");
        DescribedPredicate<List<JavaClass>> vectors =
                DescribedPredicate.describe("vectors", all -> all.stream().anyMatch(vector));
        noMethods()
                .should()
                .haveRawReturnType(vector)
                .orShould()
                .haveRawParameterTypes(vectors)
                .check(CORE);
    }
}
