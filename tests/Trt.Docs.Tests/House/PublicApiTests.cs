using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Trt.Build.PublicApi;

namespace Trt.Docs.Tests.House;

/// <summary>The public API text files, and the reader that makes them.</summary>
public class PublicApiTests
{
    public static TheoryData<string> Packages() => [.. Trt.Build.PublicApi.ApiCheck.Libraries(Checkout.Repository).Select(p => Path.GetFileNameWithoutExtension(p))];

    [Theory]
    [MemberData(nameof(Packages))]
    public void A_package_has_the_API_that_its_text_file_says(string package)
    {
        string text = Checkout.Path("src", package, "PublicAPI.txt");
        Assert.True(File.Exists(text), $"{text} is missing: ./build.sh api writes it");
        string assembly = Path.Combine(AppContext.BaseDirectory, package + ".dll");
        Assert.True(File.Exists(assembly), $"Trt.Docs.Tests must reference {package}");
        string[] difference = [.. ApiCheck.Difference(text, ApiText.Read(assembly))];
        Assert.True(difference.Length == 0, $"{string.Join("\n", difference)}\nIf this is wanted: ./build.sh api");
    }

    [Fact]
    public void Each_kind_of_member_has_its_line()
    {
        const string source = """
            #nullable enable
            namespace N
            {
                public interface INamed { }
                public interface IShape : INamed { int Sides { get; } string? Name => null; void Scale(in Point by, float times = 1.5f); }
                public readonly record struct Point(int X, int Y);
                public enum Kind : byte { A = 1, B = 7 }
                public abstract class Figure : IShape
                {
                    protected Figure(string name) { }
                    public const int Most = 8;
                    public static readonly long Start = 1;
                    public abstract int Sides { get; }
                    public string Name { get; protected set; } = "";
                    public virtual void Scale(in Point by, float times = 1.5f) { }
                    public ref readonly int First(System.ReadOnlySpan<int> of) => ref of[0];
                    public event System.EventHandler? Changed { add { } remove { } }
                    internal void Hidden() { }
                    private protected void HiddenToo() { }
                    public sealed class Inner { public unsafe delegate* unmanaged<int, void> Call; }
                }
                public static class Extensions { public static T Of<T>(this T t) where T : class => t; public static System.Func<T> Make<T>() where T : class => null!; }
                public delegate bool Test(int x);
                internal class Secret { public void Nothing() { } }
            }
            """;
        string folder = Directory.CreateTempSubdirectory("trt-api-").FullName;
        string assembly = Path.Combine(folder, "Sample.dll");
        string framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!;
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Sample",
            [CSharpSyntaxTree.ParseText(source)],
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location), MetadataReference.CreateFromFile(Path.Combine(framework, "System.Runtime.dll"))],
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        Assert.True(compilation.Emit(assembly) is { Success: true } result, string.Join("\n", compilation.GetDiagnostics()));

        IReadOnlyList<string> lines = ApiText.Read(assembly);
        Directory.Delete(folder, recursive: true);

        string[] expected =
        [
            "N.IShape : interface (N.INamed)",
            "N.IShape.Name -> string? { get; } [default]",
            "N.IShape.Scale(in N.Point by, float times = 1.5) -> void",
            "N.IShape.Sides -> int { get; }",
            "N.Kind : enum byte",
            "N.Kind.A = 1",
            "N.Kind.B = 7",
            "N.Point.X -> int { get; init; }",
            "N.Figure : abstract class (N.IShape)",
            "N.Figure.Figure(string name) [protected]",
            "N.Figure.Most = 8 -> int [const]",
            "N.Figure.Start -> long [static readonly]",
            "N.Figure.Name -> string { get; protected set; }",
            "N.Figure.Sides -> int { get; } [abstract]",
            "N.Figure.Scale(in N.Point by, float times = 1.5) -> void [virtual]",
            "N.Figure.First(System.ReadOnlySpan<int> of) -> ref readonly int",
            "N.Figure.Changed -> event System.EventHandler?",
            "N.Figure.Inner : sealed class",
            "N.Extensions : static class",
            "N.Extensions.Of<T>(this T t) where T : class -> T [static]",
            "N.Extensions.Make<T>() where T : class -> System.Func<T> [static]",
            "N.Test : delegate (int x) -> bool",
        ];
        Assert.All(expected, line => Assert.True(lines.Contains(line), $"no line \"{line}\" in\n{string.Join("\n", lines)}"));
        Assert.DoesNotContain("N.Kind.Kind()", lines);
        Assert.DoesNotContain(lines, l => l.Contains("Hidden", StringComparison.Ordinal) || l.Contains("Secret", StringComparison.Ordinal) || l.Contains("get_", StringComparison.Ordinal));
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
    }

    [Fact]
    public void A_difference_shows_what_went_and_what_came()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "A\nB\nC\n");
        Assert.Equal(["- B", "+ D"], ApiCheck.Difference(file, ["A", "C", "D"]));
        Assert.Empty(ApiCheck.Difference(file, ["A", "B", "C"]));
        File.Delete(file);
        Assert.Equal(["+ A"], ApiCheck.Difference(file, ["A"]));
    }
}
