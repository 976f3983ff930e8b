using Trt.Generator.Model;

namespace Trt.Generator.Extract;

/// <summary>Makes the model of one TensorRT release from its headers.</summary>
internal sealed class ModelExtractor(ClangCompiler clang)
{
    /// <summary>Extracts and verifies.</summary>
    /// <exception cref="ExtractException">Something is missing or not understood.</exception>
    public ApiModel Extract(ExtractRequest request)
    {
        HeaderSet headers = HeaderSet.TensorRt(request.Folders);
        using WorkFolder work = new();
        string source = work.Write("api.cpp", headers.Source() + VersionProbe.Source);
        using AstDocument document = new(clang.Compile(Target.LinuxX64, [work.Stubs, .. headers.Folders], source, "-fsyntax-only", "-Xclang", "-ast-dump=json"));
        DeclarationIndex index = new(document, headers.Folders);
        ConstantReader constants = new(document, index);
        VersionProbe version = VersionProbe.Read(document, constants);
        if (!version.Is(request.Release))
        {
            throw new ExtractException($"The release {request.Release} was asked for, but {headers.Find("NvInferVersion.h")} is of version {version}. Give the matching --release.");
        }

        LayoutReader layouts = new(clang, headers, work);
        TypeSpeller speller = new(index);
        TypeExtractor types = new(index, speller, constants, layouts.Records([.. index.Classes.Select(type => type.LayoutName)]));
        (VtableDump linux, VtableDump msvc) = layouts.Tables(Touches(index));
        ApiModel model = new()
        {
            Library = request.Library,
            Release = request.Release,
            Version = version.ToString(),
            VersionNumber = version.Number,
            ParserHeader = request.ParserHeader,
            Enums = types.Enums(),
            Structs = types.Structs(),
            Aliases = types.Aliases(),
            Classes = new ClassExtractor(document, index, speller, constants, types, linux, msvc).Classes(),
            Functions = new FunctionExtractor(index, speller, constants).Functions(),
        };
        model = model with { Notes = [.. request.Notes, .. headers.Notes, .. Notes(index, model)] };
        new ModelVerifier(clang, headers, work).Verify(model);
        return model;
    }

    /// <summary>C++ statements that make clang lay out the table of every class with virtual functions.</summary>
    internal static IReadOnlyList<string> Touches(DeclarationIndex index)
    {
        List<string> touches = [];
        foreach (DeclaredType type in index.Classes.Where(type => TypeExtractor.IsPolymorphic(type.Node)))
        {
            if (!HasVirtualDestructor(index, type))
            {
                throw new ExtractException($"{type.Node.Where}: {type.Name} has virtual functions but no virtual destructor, which the extractor does not know.");
            }
            string own = type.Name[(type.Name.LastIndexOf(':') + 1)..];
            touches.Add(FormattableString.Invariant($"void trtGeneratorTouch{touches.Count}({type.Name}* object) {{ object->~{own}(); }}"));
        }
        return touches;
    }

    private static bool HasVirtualDestructor(DeclarationIndex index, DeclaredType type)
    {
        for (string? name = type.Name; name is not null; name = index.Base(name))
        {
            if (index.Find(name)!.Node.OfKind("CXXDestructorDecl").Any(destructor => destructor.Flag("virtual")))
            {
                return true;
            }
        }
        return false;
    }

    private static IEnumerable<string> Notes(DeclarationIndex index, ApiModel model)
    {
        if (index.MangledFunctions.Count > 0)
        {
            yield return $"Exported under C++ names and left out: {string.Join(", ", index.MangledFunctions.Distinct())}.";
        }
        foreach (ClassModel item in model.Classes)
        {
            foreach (MethodModel method in item.Methods.Where(method => method.Skip is not null))
            {
                yield return $"{item.Name}::{method.Name} is listed and cannot be bound: {method.Skip}.";
            }
        }
        yield return "Templates (EnumMax, PluginRegistrar), constants, constructors and the inline creator functions are left out: they are C++ conveniences over what is listed.";
    }
}
