using System.Text;
using System.Text.RegularExpressions;

namespace Trt.Generator.Extract;

/// <summary>Turns a type as a header writes it into the model's spelling.</summary>
internal sealed partial class TypeSpeller(DeclarationIndex index, bool allowWideText = false)
{
    private static readonly Dictionary<string, string> Builtin = new(StringComparer.Ordinal)
    {
        ["void"] = "void", ["bool"] = "bool", ["char"] = "char", ["float"] = "float", ["double"] = "double",
        ["int"] = "int32_t", ["unsigned int"] = "uint32_t", ["unsigned"] = "uint32_t",
        ["short"] = "int16_t", ["unsigned short"] = "uint16_t", ["signed char"] = "int8_t", ["unsigned char"] = "uint8_t",
        ["long long"] = "int64_t", ["unsigned long long"] = "uint64_t",
        ["size_t"] = "size_t", ["std::size_t"] = "size_t", ["intptr_t"] = "intptr_t", ["uintptr_t"] = "uintptr_t",
        ["int8_t"] = "int8_t", ["int16_t"] = "int16_t", ["int32_t"] = "int32_t", ["int64_t"] = "int64_t",
        ["uint8_t"] = "uint8_t", ["uint16_t"] = "uint16_t", ["uint32_t"] = "uint32_t", ["uint64_t"] = "uint64_t",
        ["std::int32_t"] = "int32_t", ["std::int64_t"] = "int64_t", ["std::uint32_t"] = "uint32_t", ["std::uint64_t"] = "uint64_t",
        ["cudaStream_t"] = "cudaStream_t", ["cudaEvent_t"] = "cudaEvent_t",
    };

    private Dictionary<string, string>? preferred;

    /// <summary>Spells a type.</summary>
    /// <param name="text">Type as clang prints it.</param>
    /// <param name="scope">Qualified name of the class or namespace where it is written.</param>
    /// <param name="at">Declaration that it belongs to, for the message.</param>
    /// <param name="dropOuterConst">Leaves out a const of the value itself (parameters).</param>
    /// <exception cref="ExtractException">The type is none that can cross a C boundary in a known way.</exception>
    public string Spell(string text, string scope, AstNode at, bool dropOuterConst = false)
    {
        if (FunctionPointer.TryParse(text) is { } pointer)
        {
            return $"{Spell(pointer.Returns, scope, at)} (*)({string.Join(", ", pointer.Parameters.Select(parameter => Spell(parameter, scope, at, dropOuterConst: true)))})";
        }
        Parts parts = Split(text, at);
        string name = Name(parts.Base, scope, at);
        StringBuilder spelled = new(name);
        List<string> suffixes = [.. parts.Suffixes];
        if (parts.IsConst)
        {
            // "const ErrorDesc" of a pointer alias is a const pointer, not a pointer to const: both are written after the name.
            suffixes.Insert(0, " const");
        }
        if (dropOuterConst && suffixes.Count > 0 && suffixes[^1] == " const")
        {
            suffixes.RemoveAt(suffixes.Count - 1);
        }
        foreach (string suffix in suffixes)
        {
            spelled.Append(suffix);
        }
        return spelled.ToString();
    }

    /// <summary>Whether a type or what its aliases stand for is a C++ library's own.</summary>
    public bool UsesStandardLibrary(string text, string scope, AstNode at)
    {
        if (text.Contains('<', StringComparison.Ordinal) || FunctionPointer.TryParse(text) is not null)
        {
            return text.Contains('<', StringComparison.Ordinal);
        }
        string name = Split(text, at).Base;
        return !Builtin.ContainsKey(name)
            && (name.StartsWith("std::", StringComparison.Ordinal)
                || (index.Lookup(name, scope) is { Kind: DeclaredKind.Alias } alias && UsesStandardLibrary(alias.Node.Type, alias.Scope, alias.Node)));
    }

    /// <summary>Target of an alias, one step; null for an alias that the model spells out instead.</summary>
    public string? AliasTarget(DeclaredType alias)
    {
        if (UsesStandardLibrary(alias.Node.Type, alias.Scope, alias.Node))
        {
            return null;
        }
        string target = Spell(alias.Node.Type, alias.Scope, alias.Node);
        if (FunctionPointer.TryParse(alias.Node.Type) is not null)
        {
            return target;
        }
        Parts parts = Split(alias.Node.Type, alias.Node);
        return IsSpelledOut(target) ? null
            : parts.Suffixes.Count == 0 && index.Lookup(parts.Base, alias.Scope) is { } declared ? declared.Name
            : target;
    }

    private string Name(string name, string scope, AstNode at)
    {
        if (Builtin.TryGetValue(name, out string? builtin))
        {
            return builtin;
        }
        if (allowWideText && name == "wchar_t")
        {
            return name;
        }
        if (index.Lookup(name, scope) is not { } declared)
        {
            throw new ExtractException($"{at.Where}: the type \"{name}\" of \"{at.Name}\" is not one that the extractor knows.");
        }
        if (declared.Kind == DeclaredKind.Alias)
        {
            if (UsesStandardLibrary(declared.Node.Type, declared.Scope, declared.Node))
            {
                return declared.Name;
            }
            string target = Spell(declared.Node.Type, declared.Scope, declared.Node);
            if (IsSpelledOut(target))
            {
                return target;
            }
            return declared.Name;
        }
        return Preferred.GetValueOrDefault(declared.Name, declared.Name);
    }

    // Text aliases (AsciiChar, ErrorDesc, InterfaceKind) say nothing that char does not; handles and numbers do.
    private static bool IsSpelledOut(string target) => target is "char" || target.StartsWith("char const*", StringComparison.Ordinal);

    // A class of a version namespace is written by the alias that users write.
    private Dictionary<string, string> Preferred => preferred ??= index.Aliases
        .Select(alias => (Alias: alias.Name, Target: index.Resolve(alias)))
        .Where(pair => pair.Target is { Kind: DeclaredKind.Class } target && VersionNamespace().IsMatch(target.Name))
        .GroupBy(pair => pair.Target!.Name)
        .ToDictionary(group => group.Key, group => group.First().Alias);

    private static Parts Split(string text, AstNode at)
    {
        List<string> words = [];
        List<string> suffixes = [];
        bool isConst = false;
        foreach (Match match in Token().Matches(text))
        {
            string token = match.Value;
            bool declarator = suffixes.Count > 0;
            switch (token)
            {
                case "const" when declarator:
                    suffixes.Add(" const");
                    break;
                case "const":
                    isConst = true;
                    break;
                case "struct" or "class" or "enum" when words.Count == 0:
                    break;
                case "*" or "&":
                    suffixes.Add(token);
                    break;
                default:
                    if (token[0] == '[')
                    {
                        suffixes.Add(token);
                    }
                    else if (!declarator && (char.IsLetter(token[0]) || token[0] is '_' or ':'))
                    {
                        words.Add(token);
                    }
                    else
                    {
                        throw new ExtractException($"{at.Where}: the type \"{text}\" of \"{at.Name}\" has a form that the extractor does not know.");
                    }
                    break;
            }
        }
        return new Parts(string.Join(' ', words), isConst, suffixes);
    }

    [GeneratedRegex(@"[A-Za-z_:][A-Za-z0-9_:]*|\[\d*\]|\S")]
    private static partial Regex Token();

    [GeneratedRegex(@"::v_\d+_\d+::")]
    private static partial Regex VersionNamespace();

    private sealed record Parts(string Base, bool IsConst, List<string> Suffixes);
}
