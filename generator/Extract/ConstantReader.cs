using System.Globalization;
using System.Text.Json;

namespace Trt.Generator.Extract;

/// <summary>Reads constants out of expressions: default arguments, returned values, enumerators.</summary>
internal sealed class ConstantReader(AstDocument document, DeclarationIndex index)
{
    private readonly Dictionary<string, long> enumerators = [];

    /// <summary>Values of an enumeration's members, in order.</summary>
    public IEnumerable<(string Name, long Value)> Enumerators(AstNode enumeration)
    {
        long next = 0;
        foreach (AstNode member in enumeration.OfKind("EnumConstantDecl"))
        {
            AstNode? initializer = member.Inner.Find(node => !node.Kind.EndsWith("Attr", StringComparison.Ordinal));
            if (initializer is not null)
            {
                next = Value(initializer)
                    ?? throw new ExtractException($"{member.Where}: the value of {enumeration.Name}::{member.Name} is an expression that the extractor does not know.");
            }
            enumerators[member.Id] = next;
            yield return (member.Name, next++);
        }
    }

    /// <summary>A constant as text (<c>0</c>, <c>true</c>, <c>nullptr</c>, <c>"text"</c>, <c>nvinfer1::Enum::kMEMBER</c>), or null when the expression is none.</summary>
    /// <param name="expression">Expression.</param>
    /// <param name="scope">Class or namespace where it is written.</param>
    public string? Text(AstNode expression, string scope)
    {
        AstNode node = Unwrap(expression);
        switch (node.Kind)
        {
            case "CXXNullPtrLiteralExpr" or "GNUNullExpr":
                return "nullptr";
            case "CXXBoolLiteralExpr":
                return node.Flag("value") ? "true" : "false";
            case "StringLiteral" or "FloatingLiteral":
                return node.Text("value");
            case "DeclRefExpr" when Referenced(node) is { Kind: "EnumConstantDecl" } member:
                string type = member.Type;
                return (index.Lookup(type, scope)?.Name ?? type) + "::" + member.Name;
            default:
                return Value(node)?.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>The number that an integer expression stands for, or null.</summary>
    public long? Value(AstNode expression)
    {
        AstNode node = Unwrap(expression);
        switch (node.Kind)
        {
            case "ConstantExpr" or "IntegerLiteral":
                return node.Text("value") is { } text && long.TryParse(text, CultureInfo.InvariantCulture, out long literal)
                    ? literal
                    : node.Inner.Count == 1 ? Value(node.Inner[0]) : null;
            case "CharacterLiteral":
                return node.TryGet("value", out JsonElement character) ? character.GetInt64() : null;
            case "UnaryOperator" when Value(node.Inner[0]) is { } operand:
                return node.Text("opcode") switch { "-" => -operand, "+" => operand, "~" => ~operand, _ => null };
            case "BinaryOperator" when Value(node.Inner[0]) is { } left && Value(node.Inner[1]) is { } right:
                return node.Text("opcode") switch
                {
                    "+" => left + right,
                    "-" => left - right,
                    "*" => left * right,
                    "<<" => left << (int)right,
                    "|" => left | right,
                    "&" => left & right,
                    _ => null,
                };
            case "DeclRefExpr":
                return Referenced(node) switch
                {
                    { Kind: "EnumConstantDecl" } member => Enumerator(member),
                    { Kind: "VarDecl" } variable when variable.Inner.Find(inner => !inner.Kind.EndsWith("Attr", StringComparison.Ordinal)) is { } initializer => Value(initializer),
                    _ => null,
                };
            default:
                return null;
        }
    }

    /// <summary>The expression under casts and other wrappings that change nothing.</summary>
    public static AstNode Unwrap(AstNode node)
    {
        while (node.Kind is "ImplicitCastExpr" or "CXXStaticCastExpr" or "CStyleCastExpr" or "CXXFunctionalCastExpr" or "ParenExpr"
                or "ExprWithCleanups" or "MaterializeTemporaryExpr" or "CXXBindTemporaryExpr" or "CXXConstructExpr"
            && node.Inner.Count == 1)
        {
            node = node.Inner[0];
        }
        return node;
    }

    /// <summary>The declaration that an expression names, or null.</summary>
    public AstNode? Referenced(AstNode expression) =>
        expression.TryGet("referencedDecl", out JsonElement declaration) && declaration.TryGetProperty("id", out JsonElement id) ? document.Find(id.GetString()) : null;

    private long? Enumerator(AstNode member)
    {
        if (!enumerators.ContainsKey(member.Id))
        {
            _ = Enumerators(member.Parent!).Count();
        }
        return enumerators.TryGetValue(member.Id, out long value) ? value : null;
    }
}
