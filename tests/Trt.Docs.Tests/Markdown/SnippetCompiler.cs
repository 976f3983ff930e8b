using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace Trt.Docs.Tests.Markdown;

/// <summary>Compiles a page's C# as a program of its own that references the packages of src/, with the usings a new project has.</summary>
internal static class SnippetCompiler
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Language = new(LanguageVersion.Preview);

    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(f => IsFramework(f) || IsPackage(f) || IsBroughtAlong(f))
            .Select(f => MetadataReference.CreateFromFile(f)),
    ]);

    /// <summary>The assemblies of src/ and what they bring along, as they lie beside the tests.</summary>
    public static IEnumerable<string> PackageFiles => Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Where(file => IsPackage(file) || IsBroughtAlong(file));

    /// <summary>Writes the program's assembly.</summary>
    /// <returns>Errors and warnings, each with its line in the block; empty when it compiled.</returns>
    public static IReadOnlyList<string> Compile(string text, string assembly)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            Path.GetFileNameWithoutExtension(assembly),
            [CSharpSyntaxTree.ParseText(text, Language), CSharpSyntaxTree.ParseText(ImplicitUsings, Language)],
            References.Value,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Release, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        EmitResult result = compilation.Emit(assembly);
        return
        [
            .. result.Diagnostics
                .Where(d => d.Severity >= DiagnosticSeverity.Warning)
                .Select(d => $"line {d.Location.GetLineSpan().StartLinePosition.Line + 1}: {d.Id} {d.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}"),
        ];
    }

    private static bool IsFramework(string file) => Path.GetDirectoryName(file) == Path.GetDirectoryName(typeof(object).Assembly.Location);

    /// <summary>Assemblies of packages that those of src/ depend on, and of the container that a page about services needs.</summary>
    private static bool IsBroughtAlong(string file) => Path.GetFileName(file) is "Google.Protobuf.dll" or "System.Numerics.Tensors.dll" || Path.GetFileName(file).StartsWith("Microsoft.Extensions.", StringComparison.Ordinal);

    private static bool IsPackage(string file) => Checkout.Repository.PackageProjects.Any(p => Path.GetFileNameWithoutExtension(p) == Path.GetFileNameWithoutExtension(file));
}
